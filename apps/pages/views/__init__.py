"""The small site: what mails link to, a front page, and the demo's mailbox."""
