### The main window: rail, list, panel and form.

new-meeting = New meeting
place-agenda = Agenda
place-accounts = Accounts
place-accounts-ill = an account needs attention
place-settings = Settings
refresh = Refresh
refresh-now = Refresh now
refreshing = Refreshing…
refreshed-at = Refreshed at { $time }
refresh-done = Everything was read again.
refresh-in-part = Not everything could be read.

agenda-title = Agenda
agenda-today = Today · { $day }
agenda-tomorrow = Tomorrow · { $day }
agenda-yesterday = Yesterday · { $day }
agenda-rooms = Rooms without a time
agenda-empty = Nothing is planned from today on.
agenda-empty-unsure = No meeting is known from today on, but not every account could be read.
agenda-no-account = No account is connected yet, so there are no meetings to show.
agenda-nothing-on = No meeting on { $day }.
agenda-earlier = { $count ->
    [one] Show one earlier meeting
   *[other] Show { $count } earlier meetings
}
as-of = As of { $time }
search-nothing = No meeting holds “{ $text }”.
search-clear = Clear search
overlaps = Overlaps
gone = No longer there
no-subject = Without a title
no-time = No time is known: the room is open whenever you like.
soon-on = now
soon-minutes = in { $count } min
soon-hours = in { $count } h
needs-sign-in = { $provider } wants you to sign in to “{ $label }” again. What you see of it may be old.

detail = Meeting
join = Join
join-named = Join { $subject }
joined-note = Opening in your browser.
copy-link = Copy link
copy-more = More to copy
copy-invitation = Copy invitation
copy-id-and-passcode = Copy ID and passcode
id-and-passcode = ID: { $id }
    Passcode: { $passcode }
passcode = Passcode
passcode-hidden = ••••••
dial-in = Dial in
agenda = Agenda
link = Link
invited = Invited ({ $count })
gone-text = This meeting was made here and is no longer at { $provider }: somebody cancelled it there.
remove-from-list = Remove from list
remove-title = Remove “{ $subject }” from the list?
remove-text = It is gone at the provider already. Only this line disappears.

cancel-meeting = Cancel meeting
keep-meeting = Keep it
cancel-title = Cancel “{ $subject }”?
cancel-what = The meeting on { $day } is cancelled and its link stops working.
cancel-what-room = The room is removed and its link stops working.
cancel-how-zoom = Zoom keeps it among your deleted meetings for seven days, where you can bring it back.
cancel-how-teams = Teams deletes it for good. An entry in a calendar stays until you remove it there.
cancel-how-sametime = Your Sametime server deletes the room for good.
cancel-told = { $count ->
    [one] Convoke writes to nobody: tell the one person invited yourself.
   *[other] Convoke writes to nobody: tell the { $count } people invited yourself.
}
cancel-nobody = Nobody is told.
cancelled-note = “{ $subject }” is cancelled.
created-note = “{ $subject }” is created.
changed-note = “{ $subject }” is changed.

form-new = New meeting
form-edit = Edit meeting
form-subject = Title
form-date = Date
form-date-choose = Choose a date
form-date-hint = Such as { $example } or 2027-03-14
form-start = Start
form-twice = The clocks go back that night, so this time happens twice. Which one?
form-twice-earlier = The earlier one
form-twice-later = The later one
form-duration = Duration
form-duration-other = Other
form-minutes = minutes
form-zone = Time zone
form-zone-shown = { $town } time, { $offset }
form-zone-change = , change the time zone
form-account = Where
form-invitees = Who
form-invitees-hint = Mail addresses, with commas between them.
form-agenda = Agenda
form-agenda-local = { $provider } has no place for it: Convoke keeps it on this computer.
form-create = Create meeting
form-save = Save changes
form-foot-no-account = Connect an account first: a meeting needs a place.
form-foot-create = Creates a { $provider } meeting in “{ $label }”. Nobody is told: the link is yours to send.
form-foot-nothing = Nothing is changed yet.
form-foot-move = Moves the { $provider } meeting. The link stays. { $count ->
    [0] Nobody is told.
   *[other] Convoke tells nobody: send the new time yourself.
}
form-foot-change = Changes the { $provider } meeting. The link stays. Nobody is told.
form-foot-relink = Changes the { $provider } meeting. The link will be another one: send it again.
draft-kept = Your draft is kept. “New meeting” brings it back.
draft-restored = This is the draft you left.
draft-discard = Discard it
