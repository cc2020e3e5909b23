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
row-repeats = repeats
row-part = part of a series
no-subject = Without a title
no-time = No time is known: the room is open whenever you like.
soon-on = now
soon-minutes = in { $count } min
soon-hours = in { $count } h
pending = “{ $subject }” at { $provider } may have been created. Convoke is checking.
pending-which = “{ $subject }” may have been created, and more than one meeting at { $provider } can be it. Which one is it?
pending-is = It is { $link }
pending-none = None of these
pending-forget = Do not look for it any more
pending-none-note = “{ $subject }” counts as not created.
pending-settled-note = “{ $subject }” is in your agenda.
needs-sign-in = { $provider } wants you to sign in to “{ $label }” again. What you see of it may be old.

detail = Meeting
join = Join
join-named = Join { $subject }
joined-note = Opening in your browser.
copy-link = Copy link
copy-more = More to copy and save
copy-invitation = Copy invitation
copy-id-and-passcode = Copy ID and passcode
id-and-passcode = ID: { $id }
    Passcode: { $passcode }
save-calendar = Save calendar file
saved-note = Saved as { $path }
passcode = Passcode
passcode-hidden = ••••••
dial-in = Dial in
agenda = Agenda
link = Link
sip = Video systems
repeats = Repeats
repeats-one-link = One link for all dates; Convoke keeps the dates.
left-out = Left out ({ $count })
part-of = One of { $count } meetings of a series, each with its own link.
options-set = Options
option-set = { $name }: { $value }
leave-out = Leave out this date
leave-out-title = Leave out { $day }?
leave-out-text = “{ $subject }” does not take place on this date. Its other dates and its link stay.
leave-out-note = { $day } is left out.
invited = Invited ({ $count })
gone-text = This meeting was made here and is no longer at { $provider }: somebody cancelled it there.
remove-from-list = Remove from list
remove-title = Remove “{ $subject }” from the list?
remove-text = It is gone at the provider already. Only this line disappears.

cancel-meeting = Cancel meeting
keep-meeting = Keep it
cancel-title = Cancel “{ $subject }”?
cancel-what = The meeting on { $day } is cancelled and its link stops working.
cancel-what-series = Every date of the series is cancelled and its link stops working.
cancel-what-part = It is one of { $count } meetings of a series. Cancel only the one on { $day }, or all of them?
cancel-what-room = The room is removed and its link stops working.
cancel-how-webex = Webex deletes it for good.
cancel-how-goto = GoToMeeting deletes it for good.
cancel-how-zoom = Zoom keeps it among your deleted meetings for seven days, where you can bring it back.
cancel-how-teams = Teams deletes it for good. An entry in a calendar stays until you remove it there.
cancel-how-sametime = Your Sametime server deletes the room for good.
cancel-this = Cancel this one
cancel-all = Cancel all { $count }
cancel-writes = { $count ->
    [one] { $provider } writes to the one person invited.
   *[other] { $provider } writes to the { $count } people invited.
}
cancel-told = { $count ->
    [one] Convoke writes to nobody: tell the one person invited yourself.
   *[other] Convoke writes to nobody: tell the { $count } people invited yourself.
}
cancel-nobody = Nobody is told.
cancelled-note = “{ $subject }” is cancelled.
cancelled-series-note = All { $count } meetings of “{ $subject }” are cancelled.
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
form-invitees-local = Mail addresses, with commas between them. { $provider } keeps no list: Convoke keeps them on this computer.
form-invitees-fixed = { $provider } takes the list when a meeting is made. It cannot be changed later.
form-agenda = Agenda
form-agenda-local = { $provider } has no place for it: Convoke keeps it on this computer.
form-dropped = { $provider } does not have what you chose for { $options }. It was dropped.
form-create = Create meeting
form-save = Save changes
form-foot-no-account = Connect an account first: a meeting needs a place.
form-foot-create = { $series ->
    [native] Creates a { $provider } series in “{ $label }”.
    [one_link] Creates one { $provider } meeting in “{ $label }”, whose link is used for all dates.
    [linked] Creates several { $provider } meetings in “{ $label }”, each with its own link.
   *[none] Creates a { $provider } meeting in “{ $label }”.
} { $told ->
    [provider] { $count ->
        [one] { $provider } writes to the one person invited.
       *[other] { $provider } writes to the { $count } people invited.
    }
   *[nobody] Nobody is told: the link is yours to send.
}
form-foot-unknown = The agenda shows it as soon as that is known.
form-foot-nothing = Nothing is changed yet.
form-foot-move = { $series ->
    [none] Moves the { $provider } meeting.
   *[other] Moves every date of the { $provider } series.
} The link stays. { $told ->
    [provider] { $provider } writes to the people invited.
   *[nobody] { $count ->
        [0] Nobody is told.
       *[other] Convoke tells nobody: send the new time yourself.
    }
}
form-foot-change = { $series ->
    [none] Changes the { $provider } meeting.
   *[other] Changes the whole { $provider } series.
} The link stays. { $told ->
    [provider] { $provider } writes to the people invited.
   *[nobody] Nobody is told.
}
form-foot-relink = Changes the { $provider } meeting. The link will be another one: send it again.
form-known = Open the agenda
draft-kept = Your draft is kept. “New meeting” brings it back.
draft-restored = This is the draft you left.
draft-discard = Discard it
