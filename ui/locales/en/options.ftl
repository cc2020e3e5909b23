### What can be chosen about a meeting beside time and people.
### option-KEY is its label, option-name-KEY its name in a sentence, option-KEY-hint what it does, option-KEY-is-VALUE a choice.

options = Options
options-same = All as { $provider } has them.
options-differ = { $count ->
    [one] One differs from what { $provider } does by itself.
   *[other] { $count } differ from what { $provider } does by itself.
}
options-default = { $value } (default at { $provider })
options-account = As your account is set
options-none = Nobody
option-is-on = On
option-is-off = Off
option-fixed = This is chosen when a meeting is made. It cannot be changed later.

option-lobby = Waiting room
option-name-lobby = the waiting room
option-lobby-hint = Who waits until somebody lets them in.
option-lobby-is-everyone = Nobody waits
option-lobby-is-organization = All wait but people of your organisation
option-lobby-is-organization_and_federated = All wait but people of your organisation and of trusted ones
option-lobby-is-invited = All wait but the invited
option-lobby-is-organizer = All wait but you
option-lobby-is-everyone_enters = Nobody waits
option-lobby-is-guests_wait = Guests wait
option-lobby-is-guests_blocked = Guests cannot get in

option-passcode = Passcode
option-name-passcode = the passcode
option-passcode-hint = What people type to get in.
option-passcode-own = Left empty, { $provider } makes one.

option-presenters = Who may present
option-name-presenters = who may present
option-presenters-hint = Who may share a screen or a file.
option-presenters-is-everyone = Everyone
option-presenters-is-organization = People of your organisation
option-presenters-is-organizer = Only you
option-presenters-is-hosts = Only hosts

option-join_before_host = Join before the host
option-name-join_before_host = joining before the host
option-join_before_host-hint = Whether people get in before you do.

option-mute_on_entry = Mute on entry
option-name-mute_on_entry = muting on entry
option-mute_on_entry-hint = Whether people are muted when they come in.

option-recording = Recording
option-name-recording = recording
option-recording-hint = Whether the meeting is recorded by itself, and where.
option-recording-is-none = Not recorded
option-recording-is-local = On the host’s computer
option-recording-is-cloud = In the cloud

option-co_hosts = Co-hosts
option-name-co_hosts = co-hosts
option-co_hosts-hint = Mail addresses of people who can host as well.

option-dial_in = Audio
option-name-dial_in = audio
option-dial_in-hint = How people hear and speak.
option-dial_in-is-both = Computer and telephone
option-dial_in-is-telephony = Telephone only
option-dial_in-is-voip = Computer only
option-dial_in-is-none = Nothing: people meet elsewhere
option-dial_in-is-toll_free = Computer and toll-free telephone

option-schedule_for = Schedule for
option-name-schedule_for = scheduling for somebody else
option-schedule_for-hint = The mail address of the person who will host it.
