import type { FastifyInstance } from 'fastify';
import { Call, CallEnding, CallList, Ladder, Leg, RecordingAsked } from './call.js';
import { DryRun, PolicyChain } from './dry-run.js';
import { FollowUp, SessionActed, TransferPage, TransferRecord } from './session.js';
import {
  BotList,
  BotState,
  DeadLetter,
  DeadLetterPage,
  EventPage,
  PublishedEvent,
  Redeliveries,
  Redelivery,
} from './outbox.js';
import { Health, Problem, Readiness } from './service.js';
import {
  Attempt,
  Evidence,
  RepliesAccepted,
  TransferAccepted,
  TransferCancelling,
  TransferStatus,
} from './transfer.js';

/** Every named shape of the API; `#/components/schemas/<$id>` in the description. */
export const COMPONENTS = [
  Problem,
  Evidence,
  TransferStatus,
  Attempt,
  FollowUp,
  TransferRecord,
  TransferPage,
  SessionActed,
  TransferAccepted,
  TransferCancelling,
  RepliesAccepted,
  DryRun,
  PolicyChain,
  Leg,
  Call,
  CallList,
  CallEnding,
  RecordingAsked,
  Ladder,
  PublishedEvent,
  EventPage,
  DeadLetter,
  DeadLetterPage,
  Redelivery,
  Redeliveries,
  BotState,
  BotList,
  Readiness,
  Health,
] as const;

export function addComponents(app: FastifyInstance): void {
  for (const schema of COMPONENTS) app.addSchema(schema);
}
