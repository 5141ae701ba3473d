import type { Trunk } from '../settings.js';

/** The final code a caller of this trunk gets in place of one its network would act on (`statusMap`). */
export const mapStatus = ({ statusMap }: Pick<Trunk, 'statusMap'>, code: number): number =>
  statusMap[String(code)] ?? code;
