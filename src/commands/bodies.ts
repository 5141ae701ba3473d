import { publicSchema } from '../shape/public-schema.js';
import { parseReplies } from './jaicp-replies.js';
import { parseNativeCommand } from './native-command.js';
import {
  parsePolicySimulation,
  policySimulationExamples,
  policySimulationSchema,
} from './policy-simulation.js';
import { replyListExamples, replyListSchema } from './reply-list-schema.js';
import { followUpBody, newSessionBody, sessionActionBody, sessionChangeBody } from './session-bodies.js';
import { transferCommandExamples, transferCommandSchema } from './transfer-command-schema.js';

/** The body of `POST /v1/calls/{callId}/transfers`: its parser, and its schema for `/openapi.json`. */
export const transferBody = {
  parse: (body: unknown) => parseNativeCommand(body),
  schema: publicSchema(transferCommandSchema),
  examples: transferCommandExamples,
};

/** The body of `POST /v1/calls/{callId}/replies`. */
export const repliesBody = {
  parse: (body: unknown) => parseReplies(body),
  schema: publicSchema(replyListSchema),
  examples: replyListExamples,
};

/** The bodies of the paths of sessions. */
export const sessionBodies = {
  create: newSessionBody,
  change: sessionChangeBody,
  action: sessionActionBody,
  done: followUpBody,
};

/** The body of `POST /v1/policy/simulate`. */
export const simulationBody = {
  parse: (body: unknown) => parsePolicySimulation(body),
  schema: publicSchema(policySimulationSchema),
  examples: policySimulationExamples,
};
