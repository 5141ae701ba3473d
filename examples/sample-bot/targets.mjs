// `--transfer-to`: whom callers are handed to, for any number they dialled or for one of them.

/** @param {string} text as people write a target @returns {object} as a transfer command wants it */
export function parseTarget(text) {
  if (/^sips?:/.test(text)) return { sipUri: text };
  const [, kind, name] = /^(queue|extension):(.+)$/.exec(text) ?? [];
  return kind === undefined ? { phoneNumber: text } : { [kind]: name };
}

/**
 * @param {readonly string[]} options `TARGET` or `DIALLED=TARGET`
 * @returns {(dialled: string | undefined) => object | undefined}
 */
export function targetsFrom(options) {
  const byNumber = new Map(
    options.map((option) => {
      const [, dialled = '*', target = ''] = /^(?:(\+?\d+)=)?(.+)$/.exec(option) ?? [];
      return [dialled, parseTarget(target)];
    }),
  );
  return (dialled) => byNumber.get(dialled ?? '*') ?? byNumber.get('*');
}
