"""How mail is sent: sizes, waits and limits, as constants of config.settings.

Durations end in _S, seconds. The fault campaigns of tests/faults run with shorter ones; tests
assert these.
"""

MAIL_BATCH_SIZE = 50
# A worker that died is noticed by what it held. Must be longer than MAIL_RUN_S + MAIL_MESSAGE_S.
MAIL_LEASE_S = 300
# After a mail that may or may not have arrived.
MAIL_QUIET_S = 600
# After a temporary refusal, ±20 %; then the mail has failed.
MAIL_BACKOFF_S = (60, 300, 900, 3600, 10800)
# A mail that was being prepared when this many workers died is the cause.
MAIL_SOLO_CLAIMS = 3
# No mail is begun after this, so that a run ends within its task's time limit.
MAIL_RUN_S = 150
# One mail, and one connection being made, have this long in all.
MAIL_MESSAGE_S = 60
MAIL_CONNECT_S = 20
# A sender that lost the database waits this long for it, to write down what it has sent.
MAIL_DATABASE_WAIT_S = 60
# So many mails refused for good, one after the other: it is not the mails, it is us.
MAIL_REFUSED_IN_A_ROW = 50
# So many mails put off, none sent between them, by answers that are not about a mail: the provider
# is unwell. It takes more of those answers that may be about a mail.
MAIL_UNWELL_IN_A_ROW = 3
MAIL_DOUBTFUL_IN_A_ROW = 10
# No mail has got through for so long and in so many runs: it is dead, and sending is turned off.
MAIL_DEAD_AFTER_S = 1800
MAIL_DEAD_AFTER_TRIES = 10
