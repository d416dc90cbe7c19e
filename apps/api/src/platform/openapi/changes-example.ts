/** What a change feed sends: its start, a change, the Service's switch, and a heartbeat. */
export const CHANGES_EXAMPLE = `retry: 1000

event: start
id: 5f0c2a:0000000000000041
data: {"service_sid":"IS0123456789abcdef0123456789abcdef","version":"5f0c2a:0000000000000041"}

event: change
id: 5f0c2a:0000000000000042
data: {"sid":"US0123456789abcdef0123456789abcdef","service_sid":"IS0123456789abcdef0123456789abcdef","identity":"alice","is_online":false,"is_notifiable":true,"reason_code":"offline","since":"2026-11-22T14:02:00.000Z","last_online":"2026-11-22T14:01:55.000Z","open_connections":0,"version":"5f0c2a:0000000000000042","cause":"abrupt","time":"2026-11-22T14:02:00.000Z","event":"ConnectionClosed"}

event: service
id: 5f0c2a:0000000000000043
data: {"service_sid":"IS0123456789abcdef0123456789abcdef","reachability_enabled":false,"deleted":false,"version":"5f0c2a:0000000000000043","time":"2026-11-22T14:03:00.000Z","event":"ReachabilityDisabled"}

:
id: 5f0c2a:0000000000000043

`;
