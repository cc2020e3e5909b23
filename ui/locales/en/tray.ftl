### The tray's menu, and notifications. Read by the desktop shell, not by the page.

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
tray-health-expiring = { $days ->
    [0] sign in now
    [one] sign in within a day
   *[other] sign in within { $days } days
}
tray-health-expiring-soon = sign in soon
tray-health-needs_sign_in = sign in again
tray-health-unreachable = not reached
tray-health-locked = keyring locked
# Two accounts or more with the same trouble.
tray-many-locked = Keyring locked: { $count } accounts wait
tray-many-unreachable = Not reached: { $count } accounts
tray-provider-unreachable = { $provider }: not reached
tray-open = Open Convoke
tray-quit = Quit

tray-provider-teams = Teams
tray-provider-zoom = Zoom
tray-provider-webex = Webex
tray-provider-goto = GoToMeeting
tray-provider-sametime = Sametime

# Notifications, once each. $label is what the person calls the account; no text names who signed in.
reminder-within = { $label } ({ $provider }): { $days ->
    [0] sign in now
    [one] sign in within a day
   *[other] sign in within { $days } days
}
reminder-within-text = It works until then. Open Accounts in Convoke and sign in again when it suits you.
reminder-now = { $label } ({ $provider }): sign in again
reminder-now-text = Convoke cannot reach your meetings there until you do. Open Accounts in Convoke.
