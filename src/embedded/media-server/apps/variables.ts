import type { Channel } from '../channel/channel.js';
import { foreground, NO_RESPONSE } from './application.js';

/** `name=value`; an empty value, or none, takes the variable away. */
function assign(channel: Channel, assignment: string): void {
  const equals = assignment.indexOf('=');
  const name = (equals < 0 ? assignment : assignment.slice(0, equals)).trim();
  const value = equals < 0 ? '' : assignment.slice(equals + 1);
  if (name === '') return;
  if (value === '' || value === '_undef_') channel.variables.delete(name);
  else channel.variables.set(name, value);
}

export const set = foreground((channel, argument) => {
  assign(channel, argument);
  return NO_RESPONSE;
});

export const unset = foreground((channel, argument) => {
  channel.variables.delete(argument.trim());
  return NO_RESPONSE;
});

/** Exported variables would go to legs this server calls; it calls none, so there is only the setting of them here. */
export const exportVariable = foreground((channel, argument) => {
  assign(channel, argument.replace(/^nolocal:/, ''));
  return NO_RESPONSE;
});

/** `^^<delimiter>a=1<delimiter>b=2`, or separated by spaces. */
export const multiset = foreground((channel, argument) => {
  const custom = argument.startsWith('^^');
  const parts = custom ? argument.slice(3).split(argument.charAt(2)) : argument.split(' ');
  for (const part of parts) if (part !== '') assign(channel, part);
  return NO_RESPONSE;
});
