### Settings → Diagnostics: what was looked at, how it came out, and what to do.

diagnostics = Diagnostics
diagnostics-hint = Looks at clock, network, certificates, keyring, browser and Convoke’s own data. Nothing is changed, and no account is needed.
diagnostics-run = Run check
diagnostics-looking = Looking. This takes ten seconds at the most.
diagnostics-well = Everything works.
diagnostics-troubles = { $failed ->
    [0] Everything works. { $warnings ->
        [one] One thing is worth a look.
       *[other] { $warnings } things are worth a look.
    }
    [one] One thing does not work.
   *[other] { $failed } things do not work.
}
diagnostics-copy = Copy report
diagnostics-copied = Report copied. It holds no sign-in, and it names hosts: read it before you share it.
diagnosis-ok = Works
diagnosis-warning = Worth a look
diagnosis-failed = Does not work
diagnosis-skipped = Not looked at

# $state is ok, warning, failed or skipped; $subject a host, a program or a file; $note what was found, where $given says yes; $code the error's code; $seconds and $side how far the clock is off.
diagnosis-clock = { $state ->
    [ok] The clock is right
    [skipped] No server told the time
   *[other] { $given ->
        [yes] The clock is { $seconds } seconds { $side ->
            [behind] behind
           *[ahead] ahead
        }
       *[no] The clock may be off: a certificate is out of its time
    }
}
diagnosis-proxy = { $state ->
    [skipped] No host to reach through a proxy
    [ok] { $given ->
        [yes] The proxy { $note } is on the way to { $subject }
       *[no] No proxy is on the way to { $subject }
    }
   *[other] { $code ->
        [unreachable] The proxy on the way to { $subject } does not answer
        [proxy_password] The proxy on the way to { $subject } wants a user name and a password
       *[other] The proxy on the way to { $subject } does not let Convoke through
    }
}
diagnosis-authorities = { $state ->
    [ok] The organisation’s certificate file is in use: { $subject }
   *[other] The organisation’s certificate file is not in use
}
diagnosis-tls = { $state ->
    [skipped] No secured host was reached
    [ok] { $given ->
        [yes] { $subject } is trusted, by { $note }
       *[no] { $subject } is trusted
    }
   *[other] The certificate of { $subject } is not trusted
}
diagnosis-broker = { $state ->
    [skipped] No sign-in service is set up
    [ok] The sign-in service answers: { $subject }
   *[other] The sign-in service does not work: { $subject }
}
diagnosis-provider = { $state ->
    [ok] { $provider } answers: { $subject }
    [warning] { $provider } has trouble of its own: { $subject }
   *[other] { $provider } was not reached: { $subject }
}
diagnosis-keyring = { $state ->
    [ok] Your keyring works
   *[other] { $code ->
        [keyring_absent] No keyring is running
        [keyring_locked] Your keyring is locked
       *[other] Your keyring did not keep a test entry
    }
}
diagnosis-loopback = { $state ->
    [ok] The way back from your browser works
   *[other] The way back from your browser is closed
}
diagnosis-browser = { $state ->
    [ok] Links open with { $subject }
   *[other] No program was found that opens links
}
diagnosis-register = { $state ->
    [ok] Convoke’s own data is whole
   *[other] Convoke’s own data is damaged or cannot be read
}

# $program is what keeps secrets on this computer.
diagnosis-todo-clock = Set this computer’s clock, or let it follow the network’s time.
diagnosis-todo-authorities = Ask your administrator for the file and put it back, or choose the organisation again with a corrected profile. Until then only the system’s own certificates count.
diagnosis-todo-network = { $code ->
    [unreachable] Check your connection. If the rest of the network works, ask your administrator about the proxy and this host.
    [intercepted] Open your browser and sign in to the network. At work, ask whether this host is blocked.
    [proxy_password] The proxy wants a user name and a password. Ask your administrator how this computer signs in to it.
    [tls] Check this computer’s date. If the issuer is your organisation’s own, ask your administrator for its certificate file.
    [unavailable] It passes by itself, mostly. Try again in a few minutes.
    [no_broker] Choose your organisation above. Sametime works without one.
   *[other] Something else than expected answered there. Check the address in your organisation’s profile with your administrator.
}
diagnosis-todo-keyring = { $code ->
    [keyring_absent] Start { $program }, then check again. Until then Convoke cannot sign you in.
    [keyring_locked] Unlock it with { $program }, then check again. Your sign-ins are still in it.
   *[other] Look for a message from { $program }, then check again. Nothing in it was changed.
}
diagnosis-todo-loopback = A firewall or a security program may hold it back. Sign in with “Paste the address instead” until it is open.
diagnosis-todo-browser = Choose a default browser in your system’s settings. Until then, copy the link of a sign-in and open it yourself.
diagnosis-todo-register = Check for free space and for write permission. Meetings at your providers are not touched.
