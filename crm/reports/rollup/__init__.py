"""The figures kept ready: half hours counted once, read by every page, equal to the raw rows at any
moment (docs/decisions.md: "Figures are kept by the half hour").

`entries` is what is kept of one figure, `carried` by what it can be cut, `views` in which coarser
cuts it stands, `marks` what has changed since, `build` counts again, `reading` answers a Cut."""
