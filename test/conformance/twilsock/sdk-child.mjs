/**
 * One of Twilio's client SDKs in a child process, so that its timers and sockets end with the process. Takes calls and
 * reports events over IPC, in the form of `sdk-driver.mjs`.
 */
import { createRequire } from 'node:module';
import { driveSdk } from './sdk-driver.mjs';

const [, , folder, sdk, options, token] = process.argv;
const require = createRequire(`${folder}/package.json`);

function send(message) {
  if (process.connected) process.send(message);
}

process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (error) =>
  send({ event: 'unhandledRejection', value: String(error) }),
);
const { Client } = require(sdk);
process.on('message', driveSdk({ Client, token, options: JSON.parse(options), send }));
