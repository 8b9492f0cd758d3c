from django import forms

from numbers.routing_files.reading import MOST_BYTES, MOST_ROWS
from portal.core.csv_field import CsvFileField


class ImportForm(forms.Form):
    file = CsvFileField(most_rows=MOST_ROWS, most_bytes=MOST_BYTES)


class ReportForm(forms.Form):
    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
