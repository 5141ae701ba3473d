/** Where the demo writes; colours only where somebody looks at them. */
export interface Output {
  write(text: string): unknown;
  /** A terminal that can show colours: it knows `NO_COLOR` and `TERM`. */
  hasColors?(): boolean;
}

type Style = 'bold' | 'dim' | 'green' | 'red';

const CODES: Record<Style, string> = { bold: '1', dim: '2', green: '32', red: '31' };

/** The page the demo fills, from top to bottom. */
export class Page {
  private readonly coloured: boolean;

  constructor(private readonly output: Output) {
    this.coloured = output.hasColors?.() ?? false;
  }

  line(text = ''): void {
    this.output.write(`${text}\n`);
  }

  /** Lines set off from the text around them; nothing when there are none. */
  block(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.line(`  ${line}`.trimEnd());
    this.line();
  }

  style(style: Style, text: string): string {
    return this.coloured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  }
}
