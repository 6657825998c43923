ALTER TABLE `events` ADD `purged_by` integer;--> statement-breakpoint
ALTER TABLE `events` ADD `basis` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `parent_id` text;