/** Parts of Nest that log every module and route at each start. They are logged at level debug. */
const WIRING: readonly unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
];

/** Whether a message is about the wiring of Nest. @param rest of the arguments that Nest logs it with */
export function isWiring(rest: readonly unknown[]): boolean {
  return WIRING.includes(rest.at(-1));
}
