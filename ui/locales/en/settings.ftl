### Accounts and settings.

add-account = Add account
accounts-empty = No account is connected yet. Sign in where you hold meetings.
account-label = Name
account-who = { $provider }, signed in as { $who }
account-last-success = Last success
account-no-success = not yet
account-next-check = Next check
account-check-due = any moment
account-sign-in-by = Sign in by
account-meetings-read = Meetings read

# Why an account is not well, and what helps. $program keeps the keyring.
health-expiring-todo = Works for now. Sign in again soon, so that it does not stop.
health-expiring-until = Works until { $time }; sign in again before then, so that it does not stop.
health-needs_sign_in-todo = { $provider } wants you to sign in again. Your meetings there are as they were.
health-unreachable-todo = { $provider } was not reached the last time. Convoke tries again by itself.
health-locked-todo = Your keyring is locked or not running. Unlock or start { $program }: Convoke then goes on by itself, and your sign-ins are still there.
health-keyring_absent = No keyring is running. Start { $program }: Convoke then goes on by itself, and your sign-ins are still there.
health-keyring_locked = Your keyring is locked. Unlock { $program }: Convoke then goes on by itself, and your sign-ins are still there.
health-keyring_failed = Your keyring did not do what was asked. Look for a message from { $program }. Your sign-ins are still there, and Convoke tries again by itself.

fix-all = Fix all
fix-all-now = { $count } accounts want you to sign in again: { $accounts }.
fix-all-soon = { $count } accounts will soon want you to sign in again: { $accounts }.
fix-all-mixed = { $count } accounts want you to sign in again, now or soon: { $accounts }.
fix-step = { $at } of { $of }:
fix-skip = Skip
fix-stop = Stop
fix-done = All { $count } accounts work again.
fix-part = Mended: { $mended }. Not yet: { $left }.
fix-none = Nothing was changed. Not yet: { $left }.

disconnect = Disconnect
disconnect-keep = Keep it
disconnect-title = Disconnect “{ $label }”?
disconnect-what = Convoke forgets the sign-in of { $who } and deletes it from your keyring.
disconnect-revokes = { $provider } is told to forget it too.
disconnect-stays = { $provider } cannot be told: its own page opens, where you take the permission back.
disconnect-meetings = Meetings at { $provider } stay there, and their links go on working.
disconnected-revoked = Disconnected. { $provider } has forgotten the sign-in too.
disconnected-not_offered = Disconnected. { $provider } cannot be told, so its own page opens: take the permission back there.
disconnected-queued = Disconnected here. { $provider } cannot be reached now; Convoke tells it as soon as it can, for seven days.
disconnected-failed = Disconnected here. { $provider } did not answer, so take the permission back on its page.

quit-title = Quit before your sign-ins are saved?
# $program keeps the keyring.
quit-what = Convoke has renewed sign-ins, and your keyring does not take them: it is locked, not running or full. Unlock, start or make room in { $program }: Convoke then saves them by itself.
quit-else = If you quit before that, you may have to sign in again.
quit-keep = Keep running
quit-anyway = Quit anyway

settings-saved = Saved.
settings-new = New meetings
settings-look = Appearance
settings-theme = Light or dark
theme-system = As the system
theme-light = Light
theme-dark = Dark
settings-notes = Notifications
settings-remind = Before a sign-in ends
settings-remind-on = Tell me
settings-remind-off = Say nothing
settings-remind-hint = Once each: a week before, a day before, and when you must sign in again.
settings-organisation = Organisation
settings-organisation-now = You use { $name }.
settings-organisation-change = Change organisation
settings-organisation-use = Use it
settings-organisation-hint = Accounts of another organisation will ask you to sign in again. No sign-in is sent to the new one.
settings-first-run = First-run steps
settings-first-run-hint = Goes through the questions of the first start again. Accounts and meetings stay.
settings-first-run-again = Run the first-run steps again
settings-about = Where your data is
settings-about-secrets = Sign-ins are in your computer’s keyring, one entry per account. They are in no file, no log and not in this window.
settings-about-local = Meetings made here are remembered on this computer. Convoke speaks to your providers and to your organisation’s sign-in service, and to nobody else.
