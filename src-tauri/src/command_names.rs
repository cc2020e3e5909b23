//! The names of all commands: the build script declares them, so that a window may call what its capability lists and
//! nothing else; a test holds the list against the handler and the capability.

/// Every command, in the order of the rooms under `commands/`.
pub const COMMANDS: &[&str] = &[
    "app_state",
    "finish_step",
    "reset_setup",
    "check_organisation",
    "accept_organisation",
    "check_keyring",
    "zones",
    "save_preferences",
    "start_sign_in",
    "wait_sign_in",
    "open_sign_in_again",
    "cancel_sign_in",
    "sign_in_link",
    "paste_sign_in",
    "replace_account",
    "sign_in_sametime",
    "disconnect_account",
    "rename_account",
    "refresh_now",
    "agenda",
    "meeting",
    "create_meeting",
    "update_meeting",
    "cancel_meeting",
    "join_meeting",
    "invitation",
];
