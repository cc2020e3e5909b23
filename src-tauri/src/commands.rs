//! What the page may ask for: one file per noun, one call per command, all of them away from the main thread.

pub mod accounts;
pub mod diagnostics;
pub mod meetings;
pub mod program;
pub mod settings;
pub mod setup;
pub mod sign_in;

use convoke_core::view::ErrorView;
use tauri::{Runtime, ipc::Invoke};

/// What a command answers.
pub type Answer<T> = Result<T, ErrorView>;

/// Takes every command to its function.
pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        setup::app_state,
        setup::finish_step,
        setup::reset_setup,
        setup::check_organisation,
        setup::accept_organisation,
        setup::check_keyring,
        diagnostics::diagnose,
        settings::zones,
        settings::save_preferences,
        sign_in::start_sign_in,
        sign_in::wait_sign_in,
        sign_in::open_sign_in_again,
        sign_in::cancel_sign_in,
        sign_in::sign_in_link,
        sign_in::paste_sign_in,
        sign_in::replace_account,
        sign_in::sign_in_sametime,
        sign_in::open_token_page,
        sign_in::sign_in_with_token,
        accounts::disconnect_account,
        accounts::rename_account,
        accounts::refresh_now,
        meetings::agenda,
        meetings::meeting,
        meetings::create_meeting,
        meetings::update_meeting,
        meetings::cancel_meeting,
        meetings::cancel_series,
        meetings::decide_pending,
        meetings::join_meeting,
        meetings::invitation,
        meetings::save_invitation,
        program::answer_quit,
    ]
}
