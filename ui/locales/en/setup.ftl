### The first run, and signing in.

wizard-count = Step { $at } of { $of }
wizard-ready = All set

welcome-title = Welcome to Convoke
welcome-lead = Meetings at Teams, Zoom, Webex, GoToMeeting and Sametime, from one window. Setting up takes about two minutes.
welcome-point-meetings = Create, change and cancel meetings where they live. Links stay what they are.
welcome-point-keyring = Your sign-ins are kept in your computer’s keyring and nowhere else.
welcome-point-browser = You sign in to Teams, Zoom, Webex and GoToMeeting in your own browser. Convoke never sees those passwords.
welcome-begin = Get started

organisation-title = Which organisation?
organisation-lead = An organisation runs the sign-in service that Convoke goes through. Your administrator has its address or a profile file.
organisation-started = { $name }
organisation-started-hint = The profile Convoke was started with.
organisation-profile = A profile file
organisation-profile-hint = A .toml file from your administrator.
organisation-broker = The address of a sign-in service
organisation-broker-hint = Everything else stays as the providers have it.
organisation-file = Choose file
organisation-file-other = Choose another file
organisation-address = Address
organisation-address-example = https://broker.example.com
organisation-found = What we found for { $name }
organisation-hosts = { $count ->
    [one] One host here is not the provider’s own
   *[other] { $count } hosts here are not the providers’ own
}
organisation-hosts-hint = Your sign-ins and meetings would go through what you tick. Tick only what your administrator named.
organisation-unusable = Convoke cannot go on with this organisation yet. Nothing was changed.
organisation-skip = Only Sametime, without a service

# $held says whether the check succeeded: yes or no.
check-profile = { $held ->
    [yes] The profile can be read
   *[no] The profile cannot be read
}
check-authorities = Its certificate file counts for every connection: { $subject }
check-broker = { $held ->
    [yes] The sign-in service answers: { $subject }
   *[no] The sign-in service does not work: { $subject }
}
check-provider = { $held ->
    [yes] { $subject } is ready
   *[no] { $subject } is not ready
}

keyring-title = A safe place for your sign-ins
keyring-lead = Convoke keeps your sign-ins in your computer’s keyring. It never sees your Teams, Zoom, Webex or GoToMeeting password.
keyring-checking = Writing, reading and deleting a test entry…
keyring-works = Your keyring works
keyring-works-todo = A test entry was written, read and deleted.
keyring-absent = No keyring is running
keyring-absent-todo = Start { $program }, then check again. Until then Convoke cannot sign you in. Nothing was saved.
keyring-locked = Your keyring is locked
keyring-locked-todo = Unlock it with { $program }, then check again. Nothing in it was changed.
keyring-failed = Your keyring did not keep the test entry
keyring-failed-todo = Look for a message from { $program }, then check again. Nothing in it was changed.

connect-title = Connect your accounts
connect-lead = Sign in where you hold meetings. You can add others later.
connect-how-browser = Opens your browser to sign in.
connect-how-token = Opens a page that shows a token, which you paste here.
connect-how-password = Asks for your server, user name and password.
connect-unavailable = Your organisation’s sign-in service does not offer it. Ask your administrator to turn it on.
connect-later = Do this later

sign-in = Sign in
sign-in-to = Sign in to { $name }
sign-in-again = Sign in again
signing-in = Signing in…
add-another = Add another
add-another-at = Add another account at { $name }
signed-in-as = Signed in as { $who }
signed-in-note = Signed in as { $who }.
signed-in-undone = { $who } was taken out again.
not-you = Not you?

signin-waiting = Waiting for your browser.
signin-waiting-how = Sign in there, then come back: this page goes on by itself.
signin-match = Check that the page shows
signin-open-again = Open again
signin-paste-open = Paste the address instead
signin-paste-label = Paste the address
signin-paste-hint = Where the browser runs on another computer: the whole address it ended on.
signin-paste-use = Use it

different-title = Somebody else signed in.
different-text = You are { $before } in “{ $label }”, and { $now } signed in just now. Nothing was replaced yet.
different-keep = Keep { $before }
different-replace = Replace by { $now }

token-page = A page of { $name } opens in your browser.
token-page-how = Sign in there, copy the token that it shows and paste it here.
token-label = Token
token-hint = Sent once to your organisation’s sign-in service, then kept in your keyring and shown nowhere.

sametime-title = Sign in to Sametime
sametime-server = Server
sametime-server-hint = Such as https://meet.example.com
sametime-username = User name
sametime-password = Password
sametime-password-hint = Sent once to your server, then forgotten.

defaults-title = What should new meetings start with?
defaults-lead = You can choose otherwise in every meeting.
defaults-account = Where
defaults-duration = How long
defaults-zone = Time zone
defaults-zone-system = { $town }, { $offset }: the same as this computer.
defaults-zone-other = { $town }, { $offset }. This computer is set to { $system }.
defaults-no-account = No account is connected yet. New meetings start with the first one you add.

done-title = You are ready
done-day = { $day }: { $count ->
    [one] one meeting.
   *[other] { $count } meetings.
}
done-empty = Nothing is planned today. A first meeting takes half a minute.
done-no-account = Connect an account whenever you like: you find it under Accounts.
done-tray = Closing the window keeps Convoke in the tray, with your next meetings one click away.
done-create = Create your first meeting
done-open = Show my day
