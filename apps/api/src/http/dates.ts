export { toTwilioDate } from '#shared/views/twilio-date';
