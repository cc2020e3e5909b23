// A choice becomes a rule and is read back; the words for it follow the date.
import { describe, expect, it } from 'vitest';
import { choiceWords, repeatWords } from '../repeatWords';
import { every, readRule, untilDay, writeRule } from '../time/rule';
import { choicesFor, customFrom, exceptDays, NEVER, readRepeat, repeatProblems, ruleOf, ruleText, saysItsEnd, type RepeatValues } from './repeat';

// 14 March 2028 is the second Tuesday.
const TUESDAY = '2028-03-14';
const today = '2026-11-22';
const text = (values: Partial<RepeatValues>, day = TUESDAY) => ruleText({ ...NEVER, ...values }, day, 'en-GB', today);
const read = (rule: string, day = TUESDAY) => readRepeat(rule, day, 'Europe/Zurich', 'en-GB');

describe('a choice', () => {
  it('becomes a rule that follows the date', () => {
    const rules = Object.fromEntries(choicesFor(TUESDAY).map((one) => [one, text({ every: one })]));
    expect(rules).toEqual({
      never: null,
      day: 'FREQ=DAILY',
      weekday: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
      week: 'FREQ=WEEKLY;BYDAY=TU',
      fortnight: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU',
      month_date: 'FREQ=MONTHLY;BYMONTHDAY=14',
      month_day: 'FREQ=MONTHLY;BYDAY=2TU',
      year: 'FREQ=YEARLY',
      custom: '',
    });
  });

  it('is the last such weekday only where it is', () => {
    expect(choicesFor('2028-02-29')).toContain('month_last');
    expect(choicesFor('2028-02-29')).not.toContain('month_day');
    expect(choicesFor('2028-02-22')).not.toContain('month_last');
    expect(choicesFor('2028-03-28')).toEqual(expect.arrayContaining(['month_day', 'month_last']));
    expect(text({ every: 'month_last' }, '2028-03-28')).toBe('FREQ=MONTHLY;BYDAY=-1TU');
  });

  it('ends never, on a date, or after so many times', () => {
    expect(text({ every: 'day', ends: 'count', count: 5 })).toBe('FREQ=DAILY;COUNT=5');
    expect(text({ every: 'week', ends: 'until', until: '31/12/2028' })).toBe('FREQ=WEEKLY;BYDAY=TU;UNTIL=20281231');
    expect(text({ every: 'custom', rule: 'RRULE:FREQ=WEEKLY;BYDAY=MO,WE;', ends: 'count', count: 10 })).toBe('FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10');
    expect(text({ every: 'custom', rule: 'FREQ=DAILY;COUNT=3', ends: 'count', count: 10 })).toBe('FREQ=DAILY;COUNT=3');
    expect(saysItsEnd({ ...NEVER, every: 'custom', rule: 'freq=daily;until=20281231' })).toBe(true);
    expect(saysItsEnd({ ...NEVER, every: 'day', rule: 'FREQ=DAILY;COUNT=3' })).toBe(false);
  });

  it.each(choicesFor('2028-03-28').filter((one) => one !== 'never' && one !== 'custom'))('%s is read back as itself', (one) => {
    for (const ends of [{}, { ends: 'count', count: 7 }, { ends: 'until', until: '31/12/2029' }] as const) {
      const values = { ...NEVER, every: one, ...ends };
      expect(read(text(values, '2028-03-28') ?? '', '2028-03-28')).toEqual(values);
    }
  });
});

describe('a rule from elsewhere', () => {
  it('is the choice that means the same', () => {
    expect(read('RRULE:FREQ=WEEKLY;WKST=SU;INTERVAL=1').every).toBe('week');
    expect(read('FREQ=DAILY;BYDAY=FR,MO,TU,WE,TH').every).toBe('weekday');
    expect(read('FREQ=MONTHLY').every).toBe('month_date');
    expect(read('FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2').every).toBe('month_day');
    expect(read('FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=14').every).toBe('year');
  });

  it('on other days than the meeting’s own is custom', () => {
    expect(read('FREQ=WEEKLY;BYDAY=MO;COUNT=4')).toEqual({ ...NEVER, every: 'custom', rule: 'FREQ=WEEKLY;BYDAY=MO', ends: 'count', count: 4 });
    expect(read('FREQ=WEEKLY;INTERVAL=3').every).toBe('custom');
  });

  it('that is not understood stays as it is', () => {
    const odd = 'FREQ=YEARLY;BYYEARDAY=100;COUNT=3';
    expect(read(odd)).toEqual({ ...NEVER, every: 'custom', rule: odd });
    expect(ruleText(read(odd), TUESDAY, 'en-GB', today)).toBe(odd);
    for (const bad of ['', 'weekly', 'FREQ=SECONDLY', 'FREQ=DAILY;COUNT=0', 'FREQ=DAILY;COUNT=1;UNTIL=20280101', 'FREQ=DAILY;FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=XX', 'FREQ=WEEKLY;BYDAY=0MO', 'FREQ=MONTHLY;BYMONTHDAY=32', 'FREQ=DAILY;UNTIL=20280230']) {
      expect(readRule(bad), bad).toBeNull();
    }
  });

  it('keeps its parts', () => {
    for (const rule of ['FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,-1', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU', 'FREQ=YEARLY;BYMONTH=3;BYDAY=2TU;COUNT=3', 'FREQ=DAILY;UNTIL=20281231T225959Z']) {
      expect(writeRule(readRule(rule) ?? every('DAILY'))).toBe(rule);
    }
  });

  it('ends on a day of the meeting’s zone', () => {
    expect(untilDay('20271231T225959Z', 'Europe/Zurich')).toBe('2027-12-31');
    expect(untilDay('20280101T045959Z', 'America/New_York')).toBe('2027-12-31');
    expect(untilDay('20271231', 'Europe/Zurich')).toBe('2027-12-31');
  });
});

describe('what is asked of the person', () => {
  const problems = (values: Partial<RepeatValues>) => repeatProblems({ ...NEVER, every: 'week', ...values }, TUESDAY, 'en-GB', today).map((issue) => [issue.field, issue.problem]);

  it('is what cannot be sent', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ ends: 'until', until: '' })).toEqual([['until', 'required']]);
    expect(problems({ ends: 'until', until: '1/3/2028' })).toEqual([['until', 'end_before_start']]);
    expect(problems({ ends: 'count', count: NaN })).toEqual([['count', 'required']]);
    expect(problems({ every: 'custom', rule: ' ' })).toEqual([['repeat', 'required']]);
    expect(problems({ except: '21/3/2028, soon' })).toEqual([['except', 'not_a_time']]);
    expect(problems({ every: 'never', ends: 'until', until: '' })).toEqual([]);
  });

  it('dates that are left out are read in the person’s locale', () => expect(exceptDays('21.3.2028; 2028-03-28', 'de-DE', today)).toEqual({ days: ['2028-03-21', '2028-03-28'] }));

  it('a rule of one’s own begins with what was chosen', () => {
    expect(customFrom('fortnight', TUESDAY)).toBe('FREQ=WEEKLY;INTERVAL=2;BYDAY=TU');
    expect(customFrom('never', TUESDAY)).toBe('FREQ=WEEKLY;BYDAY=TU');
    expect(ruleOf('custom', TUESDAY)).toBeNull();
  });
});

describe('the words', () => {
  const words = (rule: string, start: string | null = TUESDAY) => repeatWords(rule, start, 'Europe/Zurich', 'en-GB');

  it('of the choices follow the date', () => {
    expect(choicesFor(TUESDAY).map((one) => choiceWords(one, TUESDAY, 'en-GB'))).toEqual([
      'Never', 'Every day', 'Every weekday', 'Every week on Tuesday', 'Every two weeks on Tuesday', 'Every month on the 14th', 'Every month on the second Tuesday', 'Every year on 14 March', 'Custom…',
    ]);
    expect(choiceWords('month_last', '2028-02-29', 'en-GB')).toBe('Every month on the last Tuesday');
    expect(['01', '02', '03', '11', '22', '31'].map((date) => choiceWords('month_date', `2028-03-${date}`, 'en-GB').slice(19))).toEqual(['1st', '2nd', '3rd', '11th', '22nd', '31st'].map((one) => ` ${one}`.trimStart()));
  });

  it('of a rule say how often and until when', () => {
    expect(words('FREQ=DAILY;INTERVAL=3')).toBe('Every 3 days');
    expect(words('FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=10')).toBe('Every week on Monday, Wednesday and Friday, 10 times');
    expect(words('FREQ=WEEKLY;INTERVAL=4')).toBe('Every 4 weeks on Tuesday');
    expect(words('FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR')).toBe('Every weekday');
    expect(words('FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20281231T225959Z')).toBe('Every month on the last Friday, until 31 December 2028');
    expect(words('FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,15')).toBe('Every 3 months on the 1st and the 15th');
    expect(words('FREQ=MONTHLY;BYMONTHDAY=-1')).toBe('Every month on the last day');
    expect(words('FREQ=YEARLY;COUNT=2')).toBe('Every year on 14 March, twice');
  });

  it('show the rule where there are none', () => {
    for (const rule of ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 'FREQ=YEARLY;BYYEARDAY=100', 'nonsense', 'FREQ=DAILY;BYMONTH=3']) expect(words(rule)).toBe(`By a rule of its own: ${rule}`);
    expect(words('FREQ=WEEKLY', null)).toBe('By a rule of its own: FREQ=WEEKLY');
  });
});
