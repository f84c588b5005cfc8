// What bridge.js uses of the scripts unfold brings to every page; for the type checker only.

interface UnfoldDropdown {
  openSearchResults: boolean;
  currentIndex: number;
  $refs: { searchInput: HTMLInputElement };
}

interface UnfoldCommand {
  openCommandResults: boolean;
  $refs: Record<string, HTMLInputElement>;
  currentIndex: number;
  items: ArrayLike<Element> | undefined;
  handleOpen(): void;
  handleEscape(): void;
  handleOutsideClick(): void;
  selectItem(addHistory: boolean, openInNewTab: boolean): void;
}

declare const Alpine: { data(name: string, component: (...given: any[]) => object): void };
declare function theme(): object;
declare function searchForm(): object;
declare function searchDropdown(): UnfoldDropdown;
declare function searchCommand(): UnfoldCommand;
declare function getCurrentTab(): string | undefined;
