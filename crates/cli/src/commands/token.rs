//! The refresh token that the page of an old broker shows, taken from standard input: not echoed, not kept, not printed.

use std::{
    io::{BufRead, IsTerminal, Read},
    time::Duration,
};

use convoke_core::{
    credential::{LONGEST_PASTED, RefreshToken},
    error::{Error, ErrorCode, FieldIssue, IssueCode},
};

/// How long a script has to send it; a person at a terminal may take their time.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// What is read at the most: more than a token may have, so that one that is too long is told from one that fits.
const MOST_READ: u64 = LONGEST_PASTED as u64 + 1024;

/// Reads the token: the first line of standard input that is not empty.
///
/// # Errors
/// `InvalidInput` at `token`; `SignInCancelled` where nothing came in five minutes.
pub async fn read() -> Result<RefreshToken, Error> {
    if std::io::stdin().is_terminal() {
        let text = rpassword::prompt_password("Token (not shown): ").map_err(|_| none(IssueCode::Required))?;
        return RefreshToken::pasted(text);
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A thread of its own: a read of standard input cannot be called off, and must not hold the exit.
    std::thread::spawn(move || sender.send(first_line(&mut std::io::stdin().lock())));
    let line = tokio::time::timeout(LONGEST_WAIT, receiver)
        .await
        .map_err(|_| Error::new(ErrorCode::SignInCancelled).detail("timeout"))?;
    RefreshToken::pasted(line.map_err(|_| none(IssueCode::Required))??)
}

fn first_line(input: &mut dyn BufRead) -> Result<String, Error> {
    let mut input = input.take(MOST_READ);
    loop {
        // Room for all of it at once: a string that grows leaves pieces behind.
        let mut line = String::with_capacity(LONGEST_PASTED + 1024);
        let read = input.read_line(&mut line).map_err(|_| none(IssueCode::NotAToken))?;
        if read == 0 {
            return Err(none(IssueCode::Required));
        }
        if !line.trim().is_empty() {
            return Ok(line);
        }
    }
}

fn none(problem: IssueCode) -> Error {
    Error::invalid(vec![FieldIssue::new("token", problem)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(bytes: &[u8]) -> Result<String, IssueCode> {
        first_line(&mut &*bytes).map_err(|error| error.fields[0].problem)
    }

    #[test]
    fn the_first_line_that_is_not_empty() {
        assert_eq!(read_from(b"\n  \r\n token-1 \r\nanother\n").as_deref(), Ok(" token-1 \r\n"));
        assert_eq!(read_from(b"token-1").as_deref(), Ok("token-1"));
        assert_eq!(read_from(b"\n\n"), Err(IssueCode::Required));
        assert_eq!(read_from(b"\xff\xfe\n"), Err(IssueCode::NotAToken));
    }

    #[test]
    fn an_endless_line_is_too_long_and_is_not_read_to_its_end() {
        let endless = vec![b'x'; 10 * 1024 * 1024];
        let line = read_from(&endless).expect("a line");
        assert_eq!(line.len() as u64, MOST_READ);
        let error = RefreshToken::pasted(line).err().expect("refused");
        assert_eq!(error.fields[0].problem, IssueCode::TooLong);
    }
}
