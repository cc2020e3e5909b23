// What the list, the panel and the keys do with a meeting alike.
import * as api from '$api';
import type { MeetingView } from '../bindings/MeetingView';
import { copyText } from '../copy';
import { asError, wording } from '../problem';
import type { Session } from '../state/session.svelte';
import { providerName, say } from '../words';

/** Opens the meeting's link in the system's browser. */
export async function join(session: Session, meeting: MeetingView): Promise<void> {
  if (meeting.join_url === null) return;
  try {
    await api.joinMeeting(meeting.id);
    session.tell(say('joined-note'));
  } catch (thrown) {
    session.tell(wording(asError(thrown), 'read', session.reader), false);
  }
}

/** Copies a text and says so. */
export async function copy(session: Session, text: Promise<string>, done: string): Promise<void> {
  try {
    session.tell((await copyText(await text)) ? done : say('copy-failed'));
  } catch (thrown) {
    session.tell(wording(asError(thrown), 'read', session.reader), false);
  }
}

/** Writes the calendar file and says where it is. */
export async function save(session: Session, meeting: MeetingView): Promise<void> {
  try {
    session.tell(say('saved-note', { path: await api.saveInvitation(meeting.id) }));
  } catch (thrown) {
    session.tell(wording(asError(thrown), 'read', session.reader), false);
  }
}

/** Who learns of it when a meeting is cancelled, in whole or on one date. */
export function toldOf(session: Session, meeting: MeetingView): string {
  const count = meeting.invitees.length;
  if (count === 0) return say('cancel-nobody');
  const writes = session.provider(meeting.provider)?.capabilities.writes_to_invitees;
  return say(writes ? 'cancel-writes' : 'cancel-told', { count, provider: providerName(meeting.provider) });
}
