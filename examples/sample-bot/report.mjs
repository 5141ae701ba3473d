// What a program of the examples says about itself on stdout: for people, or one JSON object per line for programs.

/** @param {any} event */
function eventText({ type, event, data, transferStatus }) {
  // JAICP's events have `event` where native ones have `type`.
  return type === undefined
    ? `${event} ${JSON.stringify(transferStatus)}`
    : `${type} ${JSON.stringify(data)}`;
}

/** @type {Record<string, (fields: any) => string>} */
const TEXTS = {
  event: ({ event }) => `event     ${eventText(event)}`,
  node: ({ node, says }) => `bot       [${node}] "${says}"`,
  command: ({ target, status, answer }) =>
    `transfer  to ${Object.values(target)[0]}: ${status === 202 ? answer.transferId : `refused: ${answer?.title} (${status})`}`,
};

/** @param {boolean} json @returns {(kind: string, fields: object) => void} */
export function reporter(json) {
  return (kind, fields) => {
    const text = TEXTS[kind]?.(fields) ?? `${kind.padEnd(9)} ${Object.values(fields).join(' ')}`;
    process.stdout.write(`${json ? JSON.stringify({ kind, ...fields }) : text}\n`);
  };
}
