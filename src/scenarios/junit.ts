import type { ScenarioResult } from './play-scenario.js';

/** The results in the form CI systems read. */
export function junitXml(results: readonly ScenarioResult[]): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  const total = results.reduce((sum, { ms }) => sum + ms, 0);
  const cases = results.map(({ name, title, skipped, ms, failures, ladder, logs }) => {
    const open = `    <testcase classname="sip-scenarios" name="${escape(`${name}: ${title}`)}" time="${seconds(ms)}"`;
    if (skipped !== null) return `${open}>\n      <skipped message="${escape(skipped)}"/>\n    </testcase>`;
    const [first] = failures;
    if (first === undefined) return `${open}/>`;
    const details = [...failures.map(({ message }) => message), ladder, logs].join('\n\n');
    return `${open}>\n      <failure message="${escape(first.message)}">${escape(details)}</failure>\n    </testcase>`;
  });
  const counts = `tests="${results.length}" failures="${failed}" errors="0" time="${seconds(total)}"`;
  const body = [`  <testsuite name="sip-scenarios" ${counts}>`, ...cases, '  </testsuite>'].join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body}\n</testsuites>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters have no place in XML 1.0, whatever a log contains. */
const escape = (text: string): string =>
  text.replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd]/g, '').replace(/[&<>"]/g, (char) => ENTITIES[char] ?? '');
