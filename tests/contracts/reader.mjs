// An independent reader: what a calendar entry says and where a rule leads, by libraries that nobody here wrote.
// Standard input: a JSON array of {"ics", "most"} or {"rule", "start", "most"}; standard output: a JSON array of answers.
import ICAL from 'ical.js';
import rrule from 'rrule';
import { Temporal } from 'temporal-polyfill';

const { rrulestr } = rrule;

function calendar({ ics, most }) {
  ICAL.TimezoneService.reset();
  const whole = new ICAL.Component(ICAL.parse(ics));
  for (const zone of whole.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const [component, ...others] = whole.getAllSubcomponents('vevent');
  if (!component || others.length > 0) throw new Error('not one event');
  const event = new ICAL.Event(component);
  const starts = [];
  const byDefinition = [];
  const dates = event.iterator();
  for (let next = dates.next(); next && starts.length < most; next = dates.next()) {
    const { wall, instant } = placed(next);
    starts.push(instant);
    // By the entry's own VTIMEZONE. A wall time in the hour of a clock change is left to the zone's name: RFC 5545 §3.3.5
    // takes the offset before the change, which this library does not.
    const once = next.zone === ICAL.Timezone.utcTimezone || happensOnce(wall, next.zone.tzid);
    byDefinition.push(once ? next.convertToZone(ICAL.Timezone.utcTimezone).toJSDate().toISOString() : 'clock change');
  }
  const text = (name) => component.getFirstPropertyValue(name)?.toString() ?? null;
  return {
    method: whole.getFirstPropertyValue('method'),
    uid: event.uid,
    sequence: event.sequence,
    subject: event.summary,
    description: event.description,
    seconds: event.duration.toSeconds(),
    url: text('url'),
    conferences: component.getAllProperties('conference').map((one) => one.getFirstValue().toString()),
    attendees: component.getAllProperties('attendee').map((one) => one.getFirstValue().toString()),
    starts,
    byDefinition,
  };
}

// The instant of a time by the name of its zone, as the tz database has it.
function placed(time) {
  const wall = time.toString().replace('Z', '');
  if (time.zone === ICAL.Timezone.utcTimezone) return { wall, instant: `${wall}.000Z` };
  const instant = Temporal.PlainDateTime.from(wall).toZonedDateTime(time.zone.tzid, { disambiguation: 'compatible' }).toInstant();
  return { wall, instant: new Date(instant.epochMilliseconds).toISOString() };
}

// Whether a wall time happens once: neither skipped by a clock change nor doubled by one.
function happensOnce(wall, zone) {
  const plain = Temporal.PlainDateTime.from(wall);
  const [earlier, later] = ['earlier', 'later'].map((disambiguation) => plain.toZonedDateTime(zone, { disambiguation }));
  return earlier.equals(later);
}

// Rules are expanded without a zone: a wall time stays what it is.
function expansion({ rule, start, most }) {
  const set = rrulestr(`DTSTART:${start}Z\nRRULE:${rule}`);
  const walls = [];
  set.all((date) => walls.push(date.toISOString().slice(0, 19)) < most);
  return { walls };
}

let input = '';
for await (const chunk of process.stdin) input += chunk;
const answers = JSON.parse(input).map((one) => {
  try {
    return one.ics === undefined ? expansion(one) : calendar(one);
  } catch (error) {
    return { error: String(error) };
  }
});
process.stdout.write(JSON.stringify(answers));
