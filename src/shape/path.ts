/** Where in a document a value stands: keys and list indexes from the top. */
export type Path = readonly (string | number)[];

/** `trunks.carrier.allow[0]`; a key that would be misread is quoted: `headers["a b"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[A-Za-z0-9_*+-]+$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** One mistake in a document. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}
