// Reads calendars with an engine of this language: node read.js ENGINE NODE_MODULES < {name: {text, begin, end}}
// and writes {name: [[begins, ends, is cancelled, is called], …]}.
"use strict";

const path = require("node:path");
const [engine, packages] = process.argv.slice(2);
const from = require("node:module").createRequire(path.join(packages, "x"));

const iso = (moment) => new Date(moment).toISOString().replace(".000Z", "+00:00");
const date = (begins, ends, status, title) => [iso(begins), iso(ends), status === "CANCELLED", title];

// Thunderbird's and Nextcloud's engine; it takes the zones from the file.
function icalJs({ text, begin, end }) {
  const ICAL = from("ical.js");
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents("vevent").map((found) => new ICAL.Event(found));
  const found = [];
  for (const event of events.filter((one) => !one.isRecurrenceException())) {
    for (const other of events) {
      if (other.isRecurrenceException() && other.uid === event.uid) event.relateException(other);
    }
    const steps = event.isRecurring() ? event.iterator() : [event.startDate][Symbol.iterator]();
    for (let step = next(steps); step; step = next(steps)) {
      const details = event.isRecurring() ? event.getOccurrenceDetails(step) : { startDate: step, endDate: event.endDate, item: event };
      // A date may have been moved here from far ahead; no row moves one further than two months.
      if (step.toUnixTime() * 1000 > Date.parse(end) + 60 * 86400000) break;
      const status = details.item.component.getFirstPropertyValue("status");
      found.push(date(details.startDate.toUnixTime() * 1000, details.endDate.toUnixTime() * 1000, status, details.item.summary));
    }
  }
  ICAL.TimezoneService.reset();
  return found.filter(([begins]) => begins >= begin && begins < end);
}

function next(steps) {
  const step = steps.next();
  return step && "done" in step ? step.value : step;
}

function nodeIcal({ text, begin, end }) {
  const ical = from("node-ical");
  const events = Object.values(ical.sync.parseICS(text)).filter((one) => one.type === "VEVENT");
  return events
    .flatMap((event) => ical.expandRecurringEvent(event, { from: new Date(begin), to: new Date(end) }))
    .map((one) => date(one.start, one.end, one.event.status, one.summary))
    .filter(([begins]) => begins >= begin && begins < end);
}

// rrule.js knows rules and nothing else: entries are read here, and changed dates put in their place.
function rruleJs({ text, begin, end }) {
  const { rrulestr } = from("rrule");
  const slots = new Map();
  const entries = text.replaceAll("\r\n ", "").split("BEGIN:VEVENT").slice(1).map(properties);
  for (const entry of [...entries.filter((one) => !one["RECURRENCE-ID"]), ...entries.filter((one) => one["RECURRENCE-ID"])]) {
    const start = entry.DTSTART;
    const length = wallToMoment(entry.DTEND) - wallToMoment(start);
    for (const wall of walls(entry, rrulestr, end)) {
      const begins = wallToMoment({ zone: start.zone, value: wall });
      const slot = entry["RECURRENCE-ID"] ? wallToMoment(entry["RECURRENCE-ID"]) : begins;
      slots.set(`${entry.UID.value} ${slot}`, date(begins, begins + length, entry.STATUS.value, unescaped(entry.SUMMARY.value)));
    }
  }
  return [...slots.values()].filter(([begins]) => begins >= begin && begins < end);
}

function walls(entry, rrulestr, end) {
  if (!entry.RRULE) return [entry.DTSTART.value];
  const skipped = entry.EXDATE ? entry.EXDATE.value.split(",") : [];
  const rule = rrulestr(`DTSTART:${entry.DTSTART.value}Z\nRRULE:${entry.RRULE.value}`);
  return rule
    .between(new Date(0), new Date(Date.parse(end) + 86400000), true)
    .map((one) => one.toISOString().replace(/[-:]|\.000Z/g, ""))
    .filter((wall) => !skipped.includes(wall));
}

function properties(entry) {
  const found = {};
  for (const [, name, parameters, value] of entry.split("BEGIN:VALARM")[0].matchAll(/^([A-Z-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)\r$/gm)) {
    found[name] ??= { value, zone: /TZID=([^;]+)/.exec(parameters)?.[1] };
  }
  return found;
}

function wallToMoment({ zone, value }) {
  const [, y, m, d, h, min, s] = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(value);
  const wall = Date.UTC(y, m - 1, d, h, min, s);
  const before = wall - offset(zone, wall - 86400000);
  return wall - offset(zone, before) === before ? before : wall - offset(zone, wall + 86400000);
}

const clocks = new Map();

function clock(zone) {
  const shown = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  if (!clocks.has(zone)) clocks.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...shown }));
  return clocks.get(zone);
}

function offset(zone, moment) {
  const parts = clock(zone).formatToParts(new Date(moment));
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - moment;
}

const unescaped = (text) => text.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));

const read = { "ical.js": icalJs, "node-ical": nodeIcal, "rrule.js": rruleJs }[engine];
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(given).map(([name, row]) => [name, read(row)]))));
