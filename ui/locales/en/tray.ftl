### The tray's menu. Read by the desktop shell, not by the page.

tray-tooltip = Convoke

# A meeting that can be joined. $time is written as the locale writes it, such as 14:00.
tray-meeting-join = { $time }  { $subject } · Join
tray-meeting = { $time }  { $subject }
tray-meeting-now = Now  { $subject } · Join
tray-no-subject = Without a title
# The time of a meeting on another day.
tray-time-other-day = { $weekday ->
    [mon] Mon
    [tue] Tue
    [wed] Wed
    [thu] Thu
    [fri] Fri
    [sat] Sat
   *[sun] Sun
} { $day }, { $time }
tray-nothing = Nothing more today
tray-unread = Meetings not read yet
tray-no-accounts = Connect an account
tray-attention = { $label } ({ $provider }): sign in again…

tray-new = New meeting
tray-refresh = Refresh now
tray-refreshing = Refreshing…
tray-refreshed-at = Refreshed { $time }
tray-never-refreshed = Not refreshed yet
tray-account-ok = { $label } ({ $provider }): { $count ->
    [one] one meeting
   *[other] { $count } meetings
}
tray-account-failed = { $label } ({ $provider }): { $health }
tray-health-ok = works
tray-health-expiring = sign in soon
tray-health-needs_sign_in = sign in again
tray-health-unreachable = not reached
tray-health-locked = keyring locked
tray-open = Open Convoke
tray-quit = Quit

tray-provider-teams = Teams
tray-provider-zoom = Zoom
tray-provider-webex = Webex
tray-provider-goto = GoToMeeting
tray-provider-sametime = Sametime
