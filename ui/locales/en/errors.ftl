### What went wrong: what happened, what was not changed, what to do.
### $who is the provider at the beginning of a sentence and $whom inside it, $detail is data from outside, $given says whether there is any (yes or no), $act says what was being done: create, change, read, signin or setup.

error-who-service = The service
error-whom-service = the service
error-kept = { $act ->
    [read] What you see may be from earlier.
    [signin] No account was added or changed.
    [setup] Your settings are as they were.
    [create] Nothing was created.
   *[change] Nothing was changed.
}
error-retry-at = It asks to wait until { $time }.
# Trouble that several accounts share: of one provider, whose accounts are named after its own sentences, or of several providers.
outage-accounts = This is about { $labels }.
outage = { $code ->
    [rate_limited] { $providers } had too many requests.
    [unavailable] { $providers } are not working at the moment.
    [bad_answer] { $providers } answered in a way that Convoke does not understand.
    [intercepted] Something else answered in place of { $providers }: a network’s sign-in page, or a proxy. Open your browser and sign in to the network.
    [tls] The connections to { $providers } could not be secured. Check this computer’s date; at work, ask whether the network inspects connections.
   *[unreachable] { $providers } could not be reached: this computer may be offline, or your organisation’s sign-in service is down.
} What you see may be from earlier. Convoke tries again by itself.

error-invalid_input = Something in this form is not right. { error-kept } Correct the marked fields and try again.
# `session` is the sign-in service's own: it was not asked for long, or your administrator ended it.
error-sign_in_required = { $detail ->
    [restored] { $who } does not know this sign-in any more: your keyring holds an older one, as after a restored backup. { error-kept } Sign in again to go on.
    [session] Your organisation’s sign-in service wants you to sign in again. { error-kept } Sign in again to go on.
   *[other] { $who } wants you to sign in again. { error-kept } Sign in again to go on.
}
# `was_here`: this very keyring had it before.
error-credential_missing = { $detail ->
    [was_here] The sign-in is not in your keyring any more: it was emptied or replaced. { error-kept } Bring the old keyring back, or sign in again.
   *[other] Your keyring works but holds no sign-in for this account. { error-kept } Sign in again to go on.
}
error-other_organisation = This account was made under another organisation. { error-kept } Sign in again to use it here.
error-not_found = { $who } no longer has this. { error-kept } Refresh to see what is there.
error-rejected = { $given ->
    [no] { $who } refused it.
   *[yes] { $who } refused it and says: “{ $detail }”
} { error-kept } Change it as the reason says and try again.
error-rate_limited = { $who } had too many requests. { error-kept } Wait a moment and try again.
error-unavailable = { $who } is not working at the moment. { error-kept } Try again in a few minutes.
error-bad_answer = { $who } answered in a way that Convoke does not understand. { error-kept } Try again; if it stays, tell your administrator.
error-outcome_unknown = { $act ->
    [create] { $who } did not answer in time, so the meeting may have been created. Convoke is checking and shows it in the agenda: do not create it again.
   *[other] { $who } did not answer in time, so it may have been done or not. Refresh and look before you try again.
}
error-conflict = This was changed elsewhere at the same time. { error-kept } Refresh and try again.
error-busy = Another Convoke is renewing this sign-in and has not finished. { error-kept } Try again in a moment.
error-not_permitted = { $who } does not allow this with your account. { error-kept } Ask your administrator for the permission.
error-consent_missing = Your sign-in at { $whom } does not cover this. { error-kept } Sign in again and allow what it asks for.
error-licence_missing = Your plan at { $whom } does not include this. { error-kept } Choose another option or account, or ask your administrator.
error-unreachable = { $who } could not be reached. { error-kept } Check your connection and try again.
error-intercepted = Something else answered in place of { $whom }: a network’s sign-in page, or a proxy. { error-kept } Open your browser, sign in to the network and try again.
error-proxy_password = A proxy on the way to { $whom } wants a user name and a password. { error-kept } Ask your administrator how this computer signs in to the proxy, then try again.
# $detail names the host, what is wrong with its certificate, and who issued it.
error-tls = { $given ->
    [no] The connection to { $whom } could not be secured.
   *[yes] The connection to { $whom } could not be secured ({ $detail }).
} { error-kept } Check this computer’s date. If the issuer is your organisation’s own, ask your administrator for its certificate file.
error-keyring_absent = No keyring is running on this computer. { error-kept } Start it and try again.
error-keyring_locked = Your keyring is locked. { error-kept } Unlock it and try again.
error-keyring_failed = { $detail ->
    [damaged] What your keyring holds for this account is damaged. { error-kept } Sign in again to write it anew.
   *[other] Your keyring did not do what was asked. { error-kept } Look for its message and try again.
}
error-keyring_other = { $given ->
    [no] The sign-in stands in another keyring than the one that answers now.
   *[yes] The sign-in stands in another keyring ({ $detail }) than the one that answers now.
} { error-kept } Start that one again, or sign in again to keep it here.
error-sign_in_denied = The sign-in was refused in the browser. { error-kept } Try again and choose Allow.
error-sign_in_cancelled = The sign-in ended before it was finished. { error-kept } Try again when you are ready.
error-different_person = Somebody else signed in than before. { error-kept } Sign in as the same person, or add a new account.
error-no_broker = No sign-in service is set up. { error-kept } Choose your organisation in Settings.
error-storage = Convoke could not read or write its own data on this computer. { error-kept } Check for free space and for write permission, then try again.

# $field is the name of the field: subject, date, start, server, repeat, ...; option stands for every option, which $key names; a dot in a name is a dash here. $who is the provider. $why is why a series is not possible, and $most the most dates it may have.
issue-who = The provider
issue-required = { $field ->
    [subject] A meeting needs a title.
    [date] A meeting needs a date.
    [start] A meeting needs a start.
    [end] A meeting needs an end or a duration.
    [account] Choose where to hold it.
    [server] Type the address of your server.
    [username] Type your user name.
    [password] Type your password.
    [token] Paste the token first.
    [address] Paste the address first.
    [label] An account needs a name.
    [repeat] Type a rule, such as FREQ=WEEKLY;BYDAY=MO,WE.
    [until] Type the last date of the series.
    [count] Type how many times, from 1 on.
   *[other] This is needed.
}
issue-too_long = { $field ->
    [duration] A meeting lasts a day at the most.
    [end] A meeting lasts a day at the most.
    [invitees] These are too many people; { $detail } at the most.
    [repeat] This series is too long; { $detail } at the most.
    [option] { $key ->
        [passcode] This is too long; { $detail } characters at the most.
       *[other] These are too many people; { $detail } at the most.
    }
   *[other] This is too long; { $detail } characters at the most.
}
issue-control_character = There is a character in it that does not print. Type it again.
issue-not_a_time = { $field ->
    [date] “{ $detail }” is not a date. Type it like 2027-03-14.
    [until] “{ $detail }” is not a date. Type it like 2027-03-14.
    [except] “{ $detail }” is not a date. Type it like 2027-03-14.
   *[other] “{ $detail }” is not a time. Type it like 09:30.
}
issue-unknown_zone = “{ $detail }” is not a time zone. Choose one from the list.
issue-skipped_by_clock_change = The clocks go forward then, and this time does not exist that day. Choose an hour later.
issue-happens_twice = This time happens twice that day. Choose one.
issue-in_the_past = This is in the past. Choose a later time.
issue-too_far_ahead = This is more than twenty years ahead. Choose an earlier date.
issue-end_before_start = { $field ->
    [until] The series ends before it begins. Choose a later date.
   *[other] A meeting must last at least a minute.
}
issue-end_and_duration = Give an end or a duration, not both.
issue-not_an_address = “{ $detail }” is not a mail address. Type it like ana@example.com.
issue-not_a_web_address = This is not a web address that Convoke may use. It begins with https://.
issue-wrong_password = The user name or the password is wrong. Type both again.
issue-not_a_token = This is not a token. Copy all of what the page shows, and nothing else.
issue-dead_token = { $who } does not take this token any more. Open the page again and copy the new one.
issue-unknown = { $field ->
    [network-ca_file] The certificate file of this profile cannot be read: { $detail }
    [except] “{ $detail }” is not a date of this series.
   *[other] { $given ->
        [no] There is no such thing.
       *[yes] There is no “{ $detail }”.
    }
}
issue-refused = { $given ->
    [no] { $who } does not take this.
   *[yes] { $field ->
        [repeat] This rule is not accepted: { $detail }
        [option] { $who } does not accept this: { $detail }
        [network-ca_file] The certificate file of this profile is of no use: { $detail }
       *[other] { $who } refused this: { $detail }
    }
}
issue-not_possible = { $field ->
    [repeat] { $why ->
        [yearly] { $who } has no series that repeats every year.
        [rule] { $who } has no series with this rule.
        [over] A series at { $who } has an end, and { $most } dates at the most.
        [too_many_meetings] These would be too many meetings. End the series earlier.
        [no_series] { $who } has no series of its own.
       *[other] A series like this is not possible at { $who }.
    }
    [option] { $who } does not have this option.
   *[other] { $who } cannot do that.
}
issue-only_when_made = This is chosen when a meeting is made. It cannot be changed later.
issue-too_short = A meeting at { $who } lasts { $detail } minutes at the least.
issue-not_in_series = The series has no meeting on this date. Its first one is { $detail }.
issue-no_occurrence = { $field ->
    [except] No date would be left. Cancel the meeting instead.
   *[other] This rule leads to no date at all.
}
issue-excluded = { $given ->
    [no] This does not go together with another option. Choose one of the two.
   *[yes] This does not go together with { $detail }. Choose one of the two.
}
