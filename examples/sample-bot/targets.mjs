// `--transfer-to`: whom callers are handed to, for any number they dialled or for one of them.

/** @param {string} text as people write a target @returns {object} as a transfer command wants it */
function parseTarget(text) {
  if (/^sips?:/.test(text)) return { sipUri: text };
  const named = /^(queue|extension):(.+)$/.exec(text);
  return named === null ? { phoneNumber: text } : { [named[1]]: named[2] };
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
