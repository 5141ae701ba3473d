import type { EventSink } from '../../../domain/settings.js';
import type { PublishedEvent } from '../../../ports/bot-runtime.js';
import { jaicpBody } from './jaicp.js';
import { nativeBody } from './native.js';

type Dialect = EventSink['dialect'];

const BODIES = { native: nativeBody, jaicp: jaicpBody } satisfies Record<
  Dialect,
  (event: PublishedEvent) => string | null
>;

/** The request body for an event, `null` when the dialect does not tell it. */
export const bodyOf = (dialect: Dialect, event: PublishedEvent): string | null => BODIES[dialect](event);
