"""By the clock of 24 hours, and always saying that it is UTC's."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i \\U\\T\\C"
