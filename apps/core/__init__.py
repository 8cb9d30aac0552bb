"""The shared kernel: no subscriber, no problem, no tag is known here."""
