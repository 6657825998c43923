export { createBridge, type BridgeOptions } from './bridge.ts'
export { serveBridge, type RunningBridge, type ServeOptions } from './serve.ts'
export { readSettings, SettingsRefused, type BridgeSettings } from './settings.ts'
