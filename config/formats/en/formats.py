"""English as Europe writes it: the day before the month, 24 hours, weeks from Monday. Django's `en`
is American: in a house that works in French too, nobody could tell 3 October from 10 March."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "d/m/Y"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"]
DATETIME_INPUT_FORMATS = [
    f"{day} {at}" for day in DATE_INPUT_FORMATS for at in ("%H:%M:%S", "%H:%M")
]
