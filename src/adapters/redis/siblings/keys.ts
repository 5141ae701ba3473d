import type { EngineId } from '../../../ports/call-book.js';

/** Channel an engine hears questions and answers on. Channels belong to no slot of a cluster. */
export const engineChannel = (engine: EngineId): string => `switchhook:engine:${engine}`;
