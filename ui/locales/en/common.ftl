### Words that every screen shares.

app = Convoke

provider-teams = Teams
provider-zoom = Zoom
provider-webex = Webex
provider-goto = GoToMeeting
provider-sametime = Sametime

back = Back
continue = Continue
cancel = Cancel
close = Close
done = Done
save = Save
show = Show
hide = Hide
undo = Undo
edit = Edit
rename = Rename
retry = Try again
check = Check
check-again = Check again
details = Details
details-code = Code
details-provider = Provider
details-account = Account
details-reason = Reason given
loading = Loading
working = Working…
optional = optional
search = Search

copied = Copied.
copied-link = Link copied.
copied-invitation = Invitation copied.
copy-failed = This computer did not let Convoke copy. Select the text and copy it by hand.

minutes = { $count } min
# $label is what the person calls the account, such as "Work".
account-choice = { $provider } · { $label }
account-named = { $label } ({ $provider })
quoted = “{ $text }”

health-ok = Works
health-expiring = Sign in soon
health-expiring-within = { $days ->
    [0] Sign in now
    [one] Sign in within a day
   *[other] Sign in within { $days } days
}
health-needs_sign_in = Sign in again
health-unreachable = Not reached
health-locked = Keyring locked

weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday

calendar-earlier = Month before
calendar-later = Month after
calendar-busy-day = { $day }, has meetings

zone-none = No time zone fits “{ $typed }”. Type a town or a region, such as Lisbon or America.
