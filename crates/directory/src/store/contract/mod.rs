//! The contract of a store, as tests that every engine passes.
//!
//! A rule is a function of a [`Bench`]; [`store_contract!`] makes one test of each rule for an
//! engine.

mod credentials;
mod following;
mod held;
mod ip_sets;
mod lists;
mod log;
mod members;
mod model;
mod orders;
mod passwords;
mod resources;
mod schemas;
mod sessions;
mod views;

/// One test per rule for the engine that `$open` opens; long walks take one step in `$part`.
macro_rules! store_contract {
    ($engine:ident, $part:literal, $open:expr) => {
        mod $engine {
            store_contract!(@rules $part, $open, resources:
                names_are_unique_without_case_within_a_tenant,
                external_ids_are_unique_with_case,
                equal_posts_make_one_user,
                a_repeated_post_gets_its_object_for_ten_minutes,
                a_write_that_changes_nothing_writes_nothing,
                versions_grow_and_are_checked,
                last_modified_never_goes_back,
                other_tenants_find_nothing,
                a_deleted_user_is_gone_and_its_name_free,
                a_refused_change_leaves_no_trace,
                a_panic_undoes_only_itself,
                a_tenant_goes_with_all_it_owns,
            );
            store_contract!(@rules $part, $open, credentials:
                a_secret_is_valid_in_its_own_form_only,
                a_tenant_knows_the_headers_of_its_tokens,
            );
            store_contract!(@rules $part, $open, members:
                members_come_and_go,
                unknown_members_are_skipped_or_refused,
                a_group_cannot_contain_itself,
                put_keeps_or_clears_members,
                members_that_match_are_removed,
                groups_of_a_user_are_direct_and_indirect,
                deleting_ends_memberships,
                changes_at_the_same_time_all_count,
            );
            store_contract!(@rules $part, $open, lists:
                pages_cover_everything_once,
                filters_answer_like_evaluation,
                counts_follow,
            );
            store_contract!(@rules $part, $open, orders:
                orders_follow_type_case_and_missing_values,
                sorted_pages_are_the_sorted_whole,
                walks_see_every_surviving_row_once,
                a_cursor_is_for_one_query_of_one_tenant,
                an_order_without_an_index_has_an_end,
                the_root_lists_both_kinds,
            );
            store_contract!(@rules $part, $open, log:
                numbers_have_no_gap_and_the_chain_holds,
                waiting_ends_with_the_next_change,
                what_happened_is_told_in_order,
            );
            store_contract!(@rules $part, $open, passwords:
                a_password_is_stored_only_where_the_tenant_accepts_them,
                a_password_follows_its_user,
                only_a_new_password_is_written,
                a_repeated_post_repeats_the_password,
                many_wrong_passwords_make_a_user_wait,
            );
            store_contract!(@rules $part, $open, sessions:
                a_session_ends_half_an_hour_after_its_last_use,
                a_session_in_use_is_written_once_a_minute,
                a_duration_shortens_and_never_lengthens,
                a_session_is_used_with_its_factors_and_its_token_only,
                sessions_are_closed_one_by_one_or_by_user,
                sessions_are_few_and_the_newest_are_kept,
                tokens_and_factors_are_kept_as_digests,
            );
            store_contract!(@rules $part, $open, schemas:
                a_schema_belongs_to_one_tenant,
                a_schema_fits_what_is_stored,
                a_unique_value_has_one_owner,
                of_equal_values_at_the_same_time_one_wins,
                values_become_unique_only_if_they_are,
                a_write_by_schemas_of_yesterday_is_refused,
                schemas_have_names_that_can_be_told_apart,
            );
            store_contract!(@rules $part, $open, ip_sets:
                a_set_keeps_what_was_accepted,
                a_set_takes_effect_where_it_is_named,
                a_set_in_use_stays,
                unknown_names_are_refused_with_those_that_exist,
                of_two_updates_at_the_same_time_one_wins,
                a_failure_is_noted_and_changes_nothing_else,
                sets_without_a_url_are_not_refreshed,
                one_node_refreshes_a_set,
            );
            store_contract!(@rules $part, $open, views:
                listings_show_everything,
                the_first_tenant_counts,
                nothing_has_a_name_with_u_0000,
                a_view_that_never_had_a_user_is_not_listed_as_empty,
                events_lead_to_the_present,
                what_cannot_be_told_expires,
                a_token_reaches_back_before_the_listing,
                a_changed_view_ends_its_positions,
                a_view_changed_during_a_synchronisation_makes_it_start_over,
                a_view_is_never_read_with_the_settings_of_yesterday,
            );
            store_contract!(@rules $part, $open, held:
                a_renamed_group_keeps_its_name_until_released,
                a_new_name_that_the_filter_names_comes_into_sight,
                people_come_and_go_with_their_groups,
                two_people_never_become_one,
                a_dry_run_says_what_changed_settings_would_do,
                a_mass_change_freezes_the_view_until_released,
                what_the_brake_holds_can_be_discarded,
                lost_memberships_count_and_the_brake_can_be_off,
                a_new_name_does_not_hide_a_loss,
                an_application_that_never_asked_is_never_held,
                figures_say_what_is_there_and_what_is_kept_back,
            );
            store_contract!(@rules $part, $open, model:
                listings_are_those_of_the_model,
            );
            store_contract!(@rules $part, $open, following:
                coalesced_events_equal_the_view,
            );
        }
    };
    (@rules $part:literal, $open:expr, $file:ident: $($rule:ident),+ $(,)?) => {
        $(
            #[test]
            fn $rule() {
                crate::store::contract::$file::$rule(&mut crate::testing::Bench::new($open).part($part));
            }
        )+
    };
}

store_contract!(sqlite, 1, |path, clock| std::sync::Arc::new(
    crate::store::sql::sqlite::SqliteStore::open(path, true, clock).unwrap()
));

store_contract!(postgres, 4, |_, clock| {
    std::sync::Arc::new(
        crate::store::sql::postgres::PostgresStore::open(&crate::testing::fresh_postgres(clock))
            .unwrap(),
    )
});
