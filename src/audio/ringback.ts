/**
 * What a caller hears while the far end rings, by country, in FreeSWITCH's `tone_stream` notation:
 * `%(on ms, off ms, Hz, ...)`. Cadences and frequencies of ITU-T E.180 Supplement 2; `eu` is what ETSI recommends and
 * most of the continent uses.
 */
export const RINGBACK = {
  us: '%(2000,4000,440,480)',
  gb: '%(400,200,400,450);%(400,2000,400,450)',
  eu: '%(1000,4000,425)',
  de: '%(1000,4000,425)',
  es: '%(1500,3000,425)',
  fr: '%(1500,3500,440)',
  it: '%(1000,4000,425)',
  pl: '%(1000,4000,425)',
  ru: '%(800,3200,425)',
  au: '%(400,200,400,425,450);%(400,2000,400,425,450)',
  br: '%(1000,4000,425)',
  cn: '%(1000,4000,450)',
  in: '%(400,200,400,425);%(400,2000,400,425)',
  jp: '%(1000,2000,384,416)',
} as const;

export type RingbackCountry = keyof typeof RINGBACK;
