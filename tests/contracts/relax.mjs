// A vendor's document without the defects that are proven in it: `node relax.mjs FROM.yaml TO.json`.
//
// Zoom's document gives `start_time` the format of an instant, and so refuses the local form that its own text describes; and it
// lists the days of a week one by one, and so refuses the "2,4" that its own text describes. GoToMeeting's gives `createTime` the
// format of an instant, and says of it that it is an empty text.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from '@stoplight/yaml';

const [from, to] = process.argv.slice(2);
const document = parse(readFileSync(from, 'utf8'));

function relax(node) {
  if (node === null || typeof node !== 'object') return;
  for (const [name, value] of Object.entries(node)) {
    if (name === 'start_time' && value?.format === 'date-time') delete value.format;
    if (name === 'weekly_days' && Array.isArray(value?.enum)) delete value.enum;
    if (name === 'createTime' && value?.format === 'date-time') delete value.format;
    relax(value);
  }
}

relax(document);
writeFileSync(to, JSON.stringify(document));
