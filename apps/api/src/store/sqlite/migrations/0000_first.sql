CREATE TABLE `addressees` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`sealed_to` blob
);
--> statement-breakpoint
CREATE TABLE `attachments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`secret_id` integer NOT NULL,
	`file_id` blob NOT NULL,
	`size` integer NOT NULL,
	FOREIGN KEY (`secret_id`) REFERENCES `secrets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_file` ON `attachments` (`secret_id`,`file_id`);--> statement-breakpoint
CREATE TABLE `blobs` (
	`name` text PRIMARY KEY NOT NULL,
	`attachment_id` integer,
	`part` integer,
	`digest` blob,
	`remove_at` integer,
	FOREIGN KEY (`attachment_id`) REFERENCES `attachments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `blobs_part` ON `blobs` (`attachment_id`,`part`) WHERE attachment_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `blobs_to_remove` ON `blobs` (`remove_at`) WHERE remove_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `captchas` (
	`id` blob PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `captchas_expired` ON `captchas` (`expires_at`);--> statement-breakpoint
CREATE TABLE `codes` (
	`id` integer PRIMARY KEY NOT NULL,
	`secret_id` integer NOT NULL,
	`verifier` blob NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`secret_id`) REFERENCES `secrets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `codes_by_secret` ON `codes` (`secret_id`,`id`);--> statement-breakpoint
CREATE TABLE `counts` (
	`workspace_id` integer NOT NULL,
	`token_id` text NOT NULL,
	`state` text NOT NULL,
	`present` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `token_id`, `state`)
);
--> statement-breakpoint
CREATE TABLE `days` (
	`workspace_id` integer NOT NULL,
	`day` integer NOT NULL,
	`created` integer DEFAULT 0 NOT NULL,
	`with_password` integer DEFAULT 0 NOT NULL,
	`views` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`workspace_id`, `day`)
);
--> statement-breakpoint
CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`workspace_id` integer,
	`secret_id` integer,
	`kms_id` integer,
	`handler` text,
	`version` integer,
	`token_id` text,
	`token` text,
	`type` text NOT NULL,
	`reason` text,
	`at` integer NOT NULL,
	`ip` text,
	`user_agent` text,
	`country` text,
	`entry_hash` blob NOT NULL,
	`chain` blob NOT NULL,
	`nonce` text,
	`purge_mark` blob,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `events_by_secret` ON `events` (`secret_id`,`id`) WHERE secret_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_by_workspace` ON `events` (`workspace_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_by_kms` ON `events` (`kms_id`,`id`) WHERE kms_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_of_unknown_handlers` ON `events` (`at`) WHERE handler IS NOT NULL AND kms_id IS NULL;--> statement-breakpoint
CREATE TABLE `metas` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`secret_id` integer NOT NULL,
	`meta` blob
);
--> statement-breakpoint
CREATE INDEX `metas_by_secret` ON `metas` (`secret_id`,`id`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` integer,
	`secret_id` integer,
	`kind` text NOT NULL,
	`webhook_id` text,
	`addressee_id` integer,
	`notice` text NOT NULL,
	`created_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at` integer,
	`delivered_at` integer,
	`last_error` text,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`next_at`) WHERE next_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `outbox_by_workspace` ON `outbox` (`workspace_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `outbox_by_secret` ON `outbox` (`secret_id`) WHERE secret_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `outbox_by_webhook` ON `outbox` (`webhook_id`) WHERE webhook_id IS NOT NULL AND next_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `outbox_alone` ON `outbox` (`created_at`) WHERE secret_id IS NULL AND next_at IS NULL;--> statement-breakpoint
CREATE TABLE `reveals` (
	`secret_id` integer NOT NULL,
	`reveal_id` blob NOT NULL,
	`opened_at` integer NOT NULL,
	`grace_until` integer NOT NULL,
	`files_until` integer NOT NULL,
	`acked_at` integer,
	`failed_attempts` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`secret_id`, `reveal_id`),
	FOREIGN KEY (`secret_id`) REFERENCES `secrets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`slug` text NOT NULL,
	`workspace_id` integer,
	`token_id` text,
	`creator` text NOT NULL,
	`state` text NOT NULL,
	`access_verifier` blob NOT NULL,
	`manage_verifier` blob NOT NULL,
	`create_digest` blob NOT NULL,
	`maximum_views` integer,
	`views` integer DEFAULT 0 NOT NULL,
	`has_password` integer NOT NULL,
	`max_attempts` integer NOT NULL,
	`failed_attempts` integer DEFAULT 0 NOT NULL,
	`on_lockout` text NOT NULL,
	`ip_whitelist` text,
	`geolocation` text,
	`captcha` integer DEFAULT false NOT NULL,
	`otp_type` text,
	`otp_last_step` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`cause` text,
	`ended_at` integer,
	`destroy_at` integer,
	`attachments_count` integer DEFAULT 0 NOT NULL,
	`destroy_files_at` integer,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`token_id`) REFERENCES `tokens`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `secrets_slug` ON `secrets` (`slug`);--> statement-breakpoint
CREATE INDEX `secrets_newest` ON `secrets` (`workspace_id`,`id`) WHERE workspace_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `secrets_by_state` ON `secrets` (`workspace_id`,`state`,`id`) WHERE workspace_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `secrets_by_token` ON `secrets` (`token_id`,`id`) WHERE token_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `secrets_alive` ON `secrets` (`expires_at`) WHERE ended_at IS NULL;--> statement-breakpoint
CREATE INDEX `secrets_to_destroy` ON `secrets` (`destroy_at`) WHERE destroy_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `secrets_files_to_destroy` ON `secrets` (`destroy_files_at`) WHERE destroy_files_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `secrets_uploading` ON `secrets` (`created_at`) WHERE state = 'uploading';--> statement-breakpoint
CREATE INDEX `secrets_ended` ON `secrets` (`ended_at`) WHERE ended_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` integer NOT NULL,
	`name` text NOT NULL,
	`secret_hash` blob NOT NULL,
	`scopes` text NOT NULL,
	`handlers` text,
	`ips` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `vault` (
	`id` integer PRIMARY KEY NOT NULL,
	`sealed_key_a` blob,
	`salt` blob,
	`iv` blob,
	`commitment` blob,
	`ciphertext` blob,
	`note` blob,
	`password_verifier` blob,
	`sealed_otp` blob,
	`sealed_notify` blob
);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` integer NOT NULL,
	`url` text NOT NULL,
	`sealed_secret` blob NOT NULL,
	`previous_sealed_secret` blob,
	`previous_until` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `webhooks_by_workspace` ON `webhooks` (`workspace_id`);--> statement-breakpoint
CREATE TABLE `workspaces` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`workspace_check` text,
	`created_at` integer NOT NULL,
	`active_secrets` integer DEFAULT 0 NOT NULL,
	`stored_bytes` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `kms_entries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`public_id` text NOT NULL,
	`workspace_id` integer NOT NULL,
	`handler` text NOT NULL,
	`newest` integer NOT NULL,
	`versions` integer NOT NULL,
	`whitelist` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`rotate_after` integer,
	`rotate_from` integer NOT NULL,
	`remind_at` integer,
	`deleted_at` integer,
	`purged` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kms_entries_handler` ON `kms_entries` (`workspace_id`,`handler`);--> statement-breakpoint
CREATE INDEX `kms_entries_to_remind` ON `kms_entries` (`remind_at`) WHERE remind_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `kms_entries_deleted` ON `kms_entries` (`deleted_at`) WHERE deleted_at IS NOT NULL AND NOT purged;--> statement-breakpoint
CREATE TABLE `kms_metas` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`entry_id` integer NOT NULL,
	`meta` blob
);
--> statement-breakpoint
CREATE INDEX `kms_metas_by_entry` ON `kms_metas` (`entry_id`,`id`);--> statement-breakpoint
CREATE TABLE `kms_vault` (
	`id` integer PRIMARY KEY NOT NULL,
	`sealed_key_a` blob,
	`salt` blob,
	`iv` blob,
	`commitment` blob,
	`ciphertext` blob
);
--> statement-breakpoint
CREATE TABLE `kms_versions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`entry_id` integer NOT NULL,
	`version` integer NOT NULL,
	`digest` blob NOT NULL,
	`creator` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`remind_at` integer,
	`destroyed_at` integer,
	FOREIGN KEY (`entry_id`) REFERENCES `kms_entries`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kms_versions_number` ON `kms_versions` (`entry_id`,`version`);--> statement-breakpoint
CREATE INDEX `kms_versions_to_remind` ON `kms_versions` (`remind_at`) WHERE remind_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `kms_versions_to_destroy` ON `kms_versions` (`expires_at`) WHERE expires_at IS NOT NULL AND destroyed_at IS NULL;