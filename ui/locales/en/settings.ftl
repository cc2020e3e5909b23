### Accounts and settings.

add-account = Add account
accounts-empty = No account is connected yet. Sign in where you hold meetings.
account-label = Name
account-who = { $provider }, signed in as { $who }
account-renewed = Sign-in renewed { $time }.
account-not-renewed = Sign-in not renewed yet.
account-meetings = { $count ->
    [one] One meeting read.
   *[other] { $count } meetings read.
}
account-sign-in-by = Sign in again by { $time }.
health-expiring-todo = Works for now. Sign in again soon, so that it does not stop.
health-needs_sign_in-todo = The provider wants you to sign in again. Your meetings there are as they were.
health-unreachable-todo = It was not reached the last time. Convoke tries again by itself.
health-locked-todo = Its sign-in lies in your keyring, which is locked or not running. Unlock it, then refresh.

disconnect = Disconnect
disconnect-keep = Keep it
disconnect-title = Disconnect “{ $label }”?
disconnect-what = Convoke forgets the sign-in of { $who } and deletes it from your keyring.
disconnect-revokes = { $provider } is told to forget it too.
disconnect-stays = { $provider } cannot be told; you can take the permission back on its own page.
disconnect-meetings = Meetings at { $provider } stay there, and their links go on working.
disconnected-revoked = Disconnected. { $provider } has forgotten the sign-in too.
disconnected-not_offered = Disconnected. { $provider } cannot be told; you can take the permission back on its page.
disconnected-failed = Disconnected here. { $provider } did not answer, so take the permission back on its page.

settings-saved = Saved.
settings-new = New meetings
settings-look = Appearance
settings-theme = Light or dark
theme-system = As the system
theme-light = Light
theme-dark = Dark
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
