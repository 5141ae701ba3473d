import type { FastifyInstance } from 'fastify';
import { Call, CallEnding, CallList, Ladder, Leg, RecordingAsked } from './call.js';
import { DryRun, PolicyChain } from './dry-run.js';
import { Health, Problem, Readiness } from './service.js';
import {
  Attempt,
  Evidence,
  RepliesAccepted,
  TransferAccepted,
  TransferCancelling,
  TransferPage,
  TransferRecord,
  TransferStatus,
} from './transfer.js';

/** Every named shape of the API; `#/components/schemas/<$id>` in the description. */
export const COMPONENTS = [
  Problem,
  Evidence,
  TransferStatus,
  Attempt,
  TransferRecord,
  TransferPage,
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
  Readiness,
  Health,
] as const;

export function addComponents(app: FastifyInstance): void {
  for (const schema of COMPONENTS) app.addSchema(schema);
}
