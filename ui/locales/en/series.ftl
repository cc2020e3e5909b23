### How a meeting repeats, in the form and in sentences.

# $count is every how many days, weeks, months or years.
repeats-day = { $count ->
    [one] Every day
    [2] Every other day
   *[other] Every { $count } days
}
repeats-weekdays = Every weekday
repeats-week = { $count ->
    [one] Every week on { $days }
    [2] Every two weeks on { $days }
   *[other] Every { $count } weeks on { $days }
}
repeats-month = { $count ->
    [one] Every month on { $on }
    [2] Every other month on { $on }
   *[other] Every { $count } months on { $on }
}
repeats-year = { $count ->
    [one] Every year on { $day }
    [2] Every other year on { $day }
   *[other] Every { $count } years on { $day }
}
# A day of the month. $date comes with the plural forms of an order.
repeats-date = the { $date ->
    [one] { $date }st
    [two] { $date }nd
    [few] { $date }rd
   *[other] { $date }th
}
repeats-last-date = the last day
repeats-nth-day = the { $nth ->
    [1] first
    [2] second
    [3] third
    [4] fourth
    [5] fifth
   *[other] last
} { $day }
repeats-until = { $often }, until { $day }
repeats-count = { $often }, { $count ->
    [one] once
    [2] twice
   *[other] { $count } times
}
repeats-rule = By a rule of its own: { $rule }

form-repeat = Repeats
form-repeat-never = Never
form-repeat-custom = Custom…
form-repeat-short-months = Months without a { $date }th are left out.
form-repeat-no-series = { $provider } has no series: one link is used for all dates, and Convoke keeps the dates.
form-repeat-one-link = One link is used for all dates, and Convoke keeps the dates.
form-repeat-linked = Several meetings are made, each with its own link. Convoke keeps them together.
form-repeat-begin = Begin on { $day }
form-repeat-interval = Every
form-repeat-unit = Unit
form-repeat-unit-DAILY = { $count ->
    [one] day
   *[other] days
}
form-repeat-unit-WEEKLY = { $count ->
    [one] week
   *[other] weeks
}
form-repeat-unit-MONTHLY = { $count ->
    [one] month
   *[other] months
}
form-repeat-unit-YEARLY = { $count ->
    [one] year
   *[other] years
}
form-repeat-days = On
form-repeat-rule = Rule
form-repeat-rule-hint = As calendars write it (RRULE), such as FREQ=MONTHLY;BYDAY=2TU.
form-repeat-end = Ends
form-repeat-end-never = Never
form-repeat-end-until = On a date
form-repeat-end-count = After a number of times
form-repeat-end-in-rule = The rule says when it ends.
form-repeat-until = Last date
form-repeat-count = Times
form-repeat-except = Dates left out
form-repeat-except-open = Leave out dates
form-repeat-except-hint = Dates, with commas between them.

form-alternatives = What is possible instead
# $last is the last date, $count the most dates; $ends says whether the last date is known: yes or no.
form-alternative-end_date = { $ends ->
    [yes] End the series on { $last } ({ $count } dates at most)
   *[no] End the series after { $count } dates
}
form-alternative-linked = { $ends ->
    [yes] Make { $count } meetings, each with its own link, kept together; the last on { $last }
   *[no] Make { $count } meetings, each with its own link, kept together
}
form-alternative-one_link = Use one link for all dates; Convoke keeps the dates
