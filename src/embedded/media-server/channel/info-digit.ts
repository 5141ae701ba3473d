import { isDigit, type Digit } from '../rtp/dtmf.js';

/** The digit of a SIP INFO, as phones without telephone-event send it; null when it holds none. */
export function digitOfInfo(contentType: string, body: string): Digit | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  const plain = type === 'application/dtmf' ? body.trim() : undefined;
  const signal = type === 'application/dtmf-relay' ? /^Signal\s*=\s*(\S)/im.exec(body)?.[1] : plain;
  if (signal === undefined || !isDigit(signal)) return null;
  const milliseconds = Number(/^Duration\s*=\s*(\d{1,5})/im.exec(body)?.[1] ?? 100);
  return { digit: signal.toUpperCase(), samples: milliseconds * 8, timestamp: 0, ssrc: 0 };
}
